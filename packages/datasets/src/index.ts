export {
  type Cifar10Options,
  cifar10ClassNames,
  type RecordFile,
  readCifar10,
  recordFileSchema,
} from "./cifar/read-cifar10.js";
export type { ImageSplit } from "./image-split.js";
export { overlappingImages } from "./overlap.js";
export {
  type PreprocessorConfig,
  parsePreprocessorConfig,
  preprocessorConfigSchema,
  readPreprocessorConfig,
} from "./preprocessing/config.js";
export { type Preprocessor, preprocessor } from "./preprocessing/preprocessor.js";
export { calibrationSubset, subset } from "./subsets.js";
export { type DifficultyRange, difficultyRangeSchema } from "./synthetic/difficulty.js";
export { type RenderedDigit, renderDigit, syntheticDigitsVersion } from "./synthetic/render-digit.js";
export { type SyntheticDigitsOptions, syntheticDigits } from "./synthetic/synthetic-digits.js";
