export { assignTargets, targetsOf } from "./assign-targets.js";
export { type CalibrationMethod, calibrated } from "./calibrated.js";
export {
  type ChooseClusterCountOptions,
  type ClusterCountChoice,
  type ClusterCountScore,
  type ClusterCountSummary,
  chooseClusterCount,
  parabolaOf,
  type ScoreClusterCountsOptions,
  scoreClusterCounts,
} from "./choose-cluster-count.js";
export { type CompareErrorEstimatorsOptions, compareErrorEstimators } from "./compare-error-estimators.js";
export { type ClusterDescription, describeClusters } from "./describe-clusters.js";
export { clusterEstimator, type ErrorEstimator, type LabelledRows } from "./error-estimator.js";
export { type CellErrors, errorFrequency } from "./error-frequency.js";
export {
  type ErrorTargets,
  type FitErrorTargetsOptions,
  type FittedPath,
  fitErrorTargets,
  type PathClusters,
} from "./fit-error-targets.js";
export type { Initialization } from "./initial-centres.js";
export { type ErrorTargetsJson, errorTargetsSchema, errorTargetsToJson, parseErrorTargets } from "./json.js";
export { type KMeansFit, type KMeansOptions, kMeans } from "./k-means.js";
export { libraryLloyd } from "./library-lloyd.js";
export { lloydInPool } from "./lloyd-in-pool.js";
export type { Lloyd, LloydRunner } from "./lloyd-runner.js";
export { type Nearest, nearestCentroids } from "./nearest-centroids.js";
export { mixWithOutcomes, outcomeTargets } from "./outcome-targets.js";
export { type ProbabilityTable, validationHalves } from "./probability-table.js";
export {
  type EstimatorScore,
  type PathScore,
  scoreErrorEstimator,
  scoreErrorTargets,
  type TargetScore,
} from "./score-error-targets.js";
export { type SeedStability, type SeedStabilityOptions, type Stability, seedStability } from "./seed-stability.js";
export { type Uncertainty, type UncertaintyOptions, uncertaintyEstimator, uncertaintyOf } from "./uncertainty.js";
