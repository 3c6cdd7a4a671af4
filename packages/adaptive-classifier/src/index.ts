export {
  AdaptiveClassifier,
  type AdaptiveClassifierOptions,
  type Classification,
  type ClassifyOptions,
} from "./adaptive-classifier.js";
