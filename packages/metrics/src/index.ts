export {
  areaUnderCurve,
  type CostRange,
  commonCostRange,
  costAtAccuracy,
  type Envelope,
  interpolateOnEnvelope,
  type OperatingPoint,
  upperEnvelope,
} from "./accuracy-cost-curves.js";
export { adjustedRandIndex } from "./adjusted-rand-index.js";
export { areaUnderRoc } from "./area-under-roc.js";
export { type BoxStatistics, boxStatistics } from "./box-statistics.js";
export { type CalibrationErrorOptions, expectedCalibrationError } from "./calibration-error.js";
export { fitQuadratic, type Quadratic } from "./fit-quadratic.js";
export { type Interval, meanWithInterval95, pairedBootstrap, tenPartInterval } from "./intervals.js";
export { type CalibrationMap, type IsotonicMap, isotonicRegression } from "./isotonic-regression.js";
export { accuracy, mean, quantile } from "./means.js";
export { type DifferenceInterval, pairedResamples } from "./paired-resamples.js";
export { type PlattMap, plattScaling } from "./platt-scaling.js";
export { type ReliabilityBin, type ReliabilityOptions, reliabilityBins } from "./reliability-bins.js";
export { brierScore, type Forecasts, logLoss, rootMeanSquaredError } from "./scores.js";
export { studentQuantile } from "./student-t.js";
