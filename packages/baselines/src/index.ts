export { type AllRivalsOptions, allRivals } from "./all-rivals.js";
export { type ClairvoyantOptions, clairvoyantRival, errorTargetRival } from "./bounds/oracle-rivals.js";
export { randomRival } from "./bounds/random-rival.js";
export { type Confidence, type ConfidenceMeasure, confidences } from "./confidence.js";
export { type DeferralOptions, deferralRival, type Gain } from "./deferral/deferral-rival.js";
export { type DqnetGateOptions, dqnetAlphas, dqnetGateRival } from "./dqnet-gate/dqnet-gate-rival.js";
export { type DqnetPathOptions, dqnetPaths } from "./dqnet-gate/dqnet-paths.js";
export { type EnsembleOptions, ensembleRival } from "./ensemble/ensemble-rival.js";
export { budgetedRival } from "./exits/budgeted-rival.js";
export { type CalibratedOptions, calibratedRival } from "./exits/calibrated-rival.js";
export { type ExitRule, exitRulePolicy } from "./exits/exit-rule-policy.js";
export { patienceRival } from "./exits/patience-rival.js";
export { type EnvelopeOf, thresholdEnvelope } from "./exits/threshold-envelope.js";
export { thresholdRival } from "./exits/threshold-rival.js";
export { type JeiDnnOptions, jeiDnnLambdas, jeiDnnRival } from "./jei-dnn/jei-dnn-rival.js";
export type { HeadWeighting } from "./jei-dnn/train-jei-dnn.js";
export { rowMemoryBytes } from "./networks/table-rows.js";
export {
  clairvoyantOracle,
  type ErrorTargetOracleOptions,
  errorTargetOracle,
  type OracleOptions,
} from "./oracle.js";
export { type CurveNumbers, type CurvesComparison, compareCurves } from "./protocol/compare-curves.js";
export {
  differenceAtCost,
  type MatchedDifference,
  rightnessAtCost,
  type SeededPoints,
} from "./protocol/matched-cost.js";
export { type TestedPoint, testRival } from "./protocol/test-rival.js";
export { type RandomPolicyOptions, randomPolicy } from "./random-policy.js";
export { type FittedRival, fitRival, type RivalPoint } from "./rival/fit-rival.js";
export type { Pays, Rival, RivalInputs, RivalNeeds, RivalSetting, RivalSettings } from "./rival/rival.js";
export { staticPolicy } from "./static-policy.js";
export { type MixtureOptions, mixturePolicy } from "./statics/mixture-policy.js";
export { staticHullRival } from "./statics/static-hull-rival.js";
export { staticPtqRival } from "./statics/static-ptq-rival.js";
export { evenThresholds, type ThresholdGridOptions, thresholdGrid } from "./threshold-grid.js";
export { confidenceThreshold, maxProbabilityThreshold, type ThresholdOptions } from "./threshold-policy.js";
