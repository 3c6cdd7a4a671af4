export { type CalibratedBlock, type CalibrationOptions, calibrateBlocks } from "./calibrate-blocks.js";
export { type CapturedSite, type CaptureOptions, captureSites } from "./capture/capture-sites.js";
export type { GradientMode } from "./capture/output-gradients.js";
export { siteOfCapture } from "./capture/site-of-capture.js";
export { type BlockEncodings, blockEncodingsSchema, type OperandEncoding, type SiteEncoding } from "./encodings.js";
export { fakeQuantizeGraph } from "./fake-quantize-graph.js";
export { inFloatKernels } from "./integer/float-kernels.js";
export { type IntegerOptions, integerGraph } from "./integer/integer-graph.js";
export {
  type PackedGraph,
  type PackedWeights,
  packedWeightsSchema,
  packWeights,
  unpackWeights,
} from "./integer/packed-weights.js";
export { type MinMaxOptions, minMaxEncodings, type Ranges } from "./min-max-encodings.js";
export { type PackedBytes, packedBytes } from "./packed-bytes.js";
export {
  type Ptq4vitEncodings,
  type Ptq4vitOptions,
  ptq4vitEncodings,
  type SearchNote,
} from "./ptq4vit-encodings.js";
export { postGelu } from "./quantizers/post-gelu-quantizer.js";
export { postSoftmax, postSoftmaxSum } from "./quantizers/post-softmax-quantizer.js";
export { fakeQuantize, type Quantizer, type QuantizerWriter, type ValueRange } from "./quantizers/quantizer.js";
export { quantizerOf, quantizers } from "./quantizers/quantizers.js";
export { fakeQuantizeUniform, minMaxScale, uniform } from "./quantizers/uniform-quantizer.js";
export type { SideChoice, SiteChoice } from "./search/alternate.js";
export { type LinearTensors, linearSite } from "./search/linear-site.js";
export { type MatmulTensors, matmulSite } from "./search/matmul-site.js";
export { cosine, hessian, type Metric, type MetricName, metrics, squaredError } from "./search/metric.js";
export { type Multiplier, openMultiplier } from "./search/multiplier.js";
export type { Products, Side } from "./search/products.js";
export { type CurveRequest, scoreCurves } from "./search/score-curves.js";
export {
  type SearchOptions,
  searchScales,
  searchScalesExhaustively,
  searchScalesPlainly,
} from "./search/search-scales.js";
export type { SearchOperand, SearchSite, SearchStep } from "./search/search-site.js";
export { klDivergences } from "./sensitivity/divergence.js";
export { measureSensitivity, type Sensitivity, type SensitivityOptions } from "./sensitivity/measure-sensitivity.js";
export { type NetworkPart, networkParts } from "./sensitivity/network-parts.js";
export { isStem, type StemBits, siteBits, withStem } from "./stem-bits.js";
export { wholeNetwork } from "./whole-network.js";
