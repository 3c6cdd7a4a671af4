export {
  AdaptiveClassifier,
  type Classification,
  type ClassifierOptions,
  type ClassifyOptions,
} from "./adaptive-classifier.js";
export { readModelDirectory } from "./directory/read-model-directory.js";
export { writeModelDirectory } from "./directory/write-model-directory.js";
export { exactBlock } from "./exact-weights.js";
export type { AdaptiveModel, RoutingTable } from "./model.js";
export type { Picture, Pictures } from "./pictures.js";
export type { RouterSetting, Wish } from "./wish.js";
