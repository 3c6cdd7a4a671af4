export { type CalibratedBlock, type CalibrationOptions, calibrateBlocks } from "./calibrate-blocks.js";
export { type BlockEncodings, blockEncodingsSchema, type OperandEncoding, type SiteEncoding } from "./encodings.js";
export { fakeQuantizeGraph } from "./fake-quantize-graph.js";
export { minMaxEncodings, type Ranges } from "./min-max-encodings.js";
export { postGelu } from "./quantizers/post-gelu-quantizer.js";
export { postSoftmax, postSoftmaxSum } from "./quantizers/post-softmax-quantizer.js";
export { fakeQuantize, type Quantizer, type QuantizerWriter, type ValueRange } from "./quantizers/quantizer.js";
export { quantizerOf, quantizers } from "./quantizers/quantizers.js";
export { fakeQuantizeUniform, minMaxScale, uniform } from "./quantizers/uniform-quantizer.js";
