export { answerWithHeads } from "./answer-with-heads.js";
export { type HeadScore, type HeadScorer, type LabelledFeatures, openHeadScorer } from "./evaluate-head.js";
export type { ExitHead, FeatureSplit } from "./exit-head.js";
export type { HeadEpoch, HeadTrainingSettings, TrainedExitHead } from "./fit-head.js";
export { fitLogitAffine } from "./fit-logit-affine.js";
export { type ExitHeadsJson, exitHeadsSchema, exitHeadsToJson, parseExitHeads } from "./json.js";
export { correctAnswers, type LogitAffine, leastProbability } from "./logit-affine.js";
export {
  affineOf,
  type FitLogitAffinesOptions,
  fitLogitAffines,
  type LogitAffines,
  type StoredAnswers,
  withLogitAffines,
} from "./logit-affines.js";
export {
  type LogitAffinesJson,
  logitAffinesSchema,
  logitAffinesToJson,
  parseLogitAffines,
} from "./logit-affines-json.js";
export { mixedFeatures } from "./mixed-features.js";
export { type RetrainedHead, type RetrainHeadsOptions, retrainHeads } from "./retrain-heads.js";
export { type TrainExitHeadsOptions, trainExitHeads } from "./train-exit-heads.js";
