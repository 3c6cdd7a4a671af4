export type { ImageSplit } from "./image-split.js";
export type { DifficultyRange } from "./synthetic/difficulty.js";
export { type RenderedDigit, renderDigit } from "./synthetic/render-digit.js";
export { type SyntheticDigitsOptions, syntheticDigits } from "./synthetic/synthetic-digits.js";
