export { type Confidence, type ConfidenceMeasure, confidences } from "./confidence.js";
export { clairvoyantOracle, type OracleOptions } from "./oracle.js";
export { type RandomPolicyOptions, randomPolicy } from "./random-policy.js";
export { staticPolicy } from "./static-policy.js";
export { evenThresholds, type ThresholdGridOptions, thresholdGrid } from "./threshold-grid.js";
export { confidenceThreshold, maxProbabilityThreshold, type ThresholdOptions } from "./threshold-policy.js";
