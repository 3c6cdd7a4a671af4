export { assignTargets, targetsOf } from "./assign-targets.js";
export {
  type ChooseClusterCountOptions,
  type ClusterCountChoice,
  type ClusterCountScore,
  chooseClusterCount,
} from "./choose-cluster-count.js";
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
export type { Lloyd, LloydRunner } from "./lloyd-runner.js";
export { type Nearest, nearestCentroids } from "./nearest-centroids.js";
export { type LloydPool, openLloyd } from "./open-lloyd.js";
export type { ProbabilityTable } from "./probability-table.js";
export { scoreErrorTargets, type TargetScore } from "./score-error-targets.js";
