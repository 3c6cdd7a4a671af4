export { type Random, randomStream } from "./random.js";
export { roundHalfEven } from "./rounding.js";
export { argmaxRows, entropyRows, maxRows, softmaxRows } from "./rows.js";
export { sizeOf, type Tensor, type TensorData, tensor, zeros } from "./tensor.js";
