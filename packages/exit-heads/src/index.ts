export { type HeadScore, type HeadScorer, type LabelledFeatures, openHeadScorer } from "./evaluate-head.js";
export type { ExitHead, FeatureSplit } from "./exit-head.js";
export { type ExitHeadsJson, exitHeadsSchema, exitHeadsToJson, parseExitHeads } from "./json.js";
export {
  type HeadEpoch,
  type TrainExitHeadsOptions,
  type TrainedExitHead,
  trainExitHeads,
} from "./train-exit-heads.js";
