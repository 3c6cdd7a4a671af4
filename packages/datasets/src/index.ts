export type { RecordOptions } from "./cifar/read-cifar.js";
export { readCifar10 } from "./cifar/read-cifar10.js";
export { readCifar100 } from "./cifar/read-cifar100.js";
export { type RecordFile, recordFileSchema } from "./files/record-file.js";
export type { DataFolder, DataPart } from "./folder/data-folder.js";
export { openDataFolder, trainingPart } from "./folder/open-data-folder.js";
export { type ImageFolderOptions, readImageFolder } from "./folder/read-image-folder.js";
export { type AnyImageSplit, type Image, type ImageFileSplit, type ImageSplit, imageOf } from "./image-split.js";
export { decodeImage, decodeImageFile, type Orientation } from "./images/decode-image.js";
export { jpegRoundTrip } from "./images/jpeg-round-trip.js";
export { planesOfRgb } from "./images/planes.js";
export { readMatFile } from "./matlab/mat-file.js";
export type { MatNumbers, MatVariable } from "./matlab/mat-variable.js";
export { overlappingImages } from "./overlap.js";
export {
  type PreprocessorConfig,
  parsePreprocessorConfig,
  preprocessorConfigSchema,
  readPreprocessorConfig,
} from "./preprocessing/config.js";
export { type Preprocessor, preprocessor } from "./preprocessing/preprocessor.js";
export { type CheckedFile, checkPublishedFile, type FileStatus } from "./publisher/check-file.js";
export { type DownloadOptions, downloadFile } from "./publisher/download-file.js";
export { type Publication, type PublishedFile, publications } from "./publisher/publications.js";
export { calibrationSubset, drawSubset, type Reserved, reserveValidation, subset } from "./subsets.js";
export { readSvhn, type SvhnOptions } from "./svhn/read-svhn.js";
export { type DifficultyRange, difficultyRangeSchema } from "./synthetic/difficulty.js";
export { type RenderedDigit, renderDigit, syntheticDigitsVersion } from "./synthetic/render-digit.js";
export { type SyntheticDigitsOptions, syntheticDigits } from "./synthetic/synthetic-digits.js";
