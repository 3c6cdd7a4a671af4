export {
  type Comparison,
  type ComparisonOptions,
  compareVariants,
  comparisonTable,
  oneSample,
  type Spread,
  type VariantTimes,
} from "./compare-variants.js";
export { developmentFiles } from "./development-files.js";
export { type AllcloseOptions, expectAllclose } from "./expect-allclose.js";
