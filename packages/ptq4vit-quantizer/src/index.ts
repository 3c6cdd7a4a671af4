export { type CalibratedBlock, type CalibrationOptions, calibrateBlocks } from "./calibrate-blocks.js";
export type { BlockEncodings, OperandEncoding, SiteEncoding } from "./encodings.js";
export { fakeQuantizeGraph } from "./fake-quantize-graph.js";
export { minMaxEncodings, type Ranges } from "./min-max-encodings.js";
export { fakeQuantizeUniform, minMaxScale } from "./uniform-quantizer.js";
