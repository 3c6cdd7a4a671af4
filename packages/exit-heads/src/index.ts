export { answerWithHeads } from "./answer-with-heads.js";
export { type HeadScore, type HeadScorer, type LabelledFeatures, openHeadScorer } from "./evaluate-head.js";
export type { ExitHead, FeatureSplit } from "./exit-head.js";
export type { HeadEpoch, HeadTrainingSettings, TrainedExitHead } from "./fit-head.js";
export { type ExitHeadsJson, exitHeadsSchema, exitHeadsToJson, parseExitHeads } from "./json.js";
export { mixedFeatures } from "./mixed-features.js";
export { type RetrainedHead, type RetrainHeadsOptions, retrainHeads } from "./retrain-heads.js";
export { type TrainExitHeadsOptions, trainExitHeads } from "./train-exit-heads.js";
