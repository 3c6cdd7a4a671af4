import { uniform } from "../quantizers/uniform-quantizer.js";
import { linearSite } from "./linear-site.js";
import type { SearchSite } from "./search-site.js";

/** The windows of a 2-D convolution, as ONNX numbers them. */
export interface ConvWindow {
  /** [kh, kw] */
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Before the first row and column; what lies outside is zero. */
  readonly padsBefore: readonly [number, number];
  /** Groups of channels that see only each other. */
  readonly groups: number;
}

export interface ConvTensors {
  readonly name: string;
  /** [N, C, H, W] */
  readonly input: Float32Array;
  readonly inputShape: readonly [images: number, channels: number, height: number, width: number];
  /** [P, C / groups, kh, kw] */
  readonly weight: Float32Array;
  /** [P] */
  readonly bias: Float32Array | null;
  /** Without the bias, [N, P, H', W']. */
  readonly output: Float32Array;
  readonly outputShape: readonly [images: number, outputs: number, height: number, width: number];
  /** ∂L/∂output, like the output. */
  readonly gradient: Float32Array;
  readonly window: ConvWindow;
}

/**
 * A convolution as the linear layer that it is on its windows, [R, C·kh·kw] with one row per place. One step per output channel for
 * the weight; the input stays in float, as the public code of PTQ4ViT leaves it.
 */
export function convSite(tensors: ConvTensors): SearchSite {
  const [, outputs] = tensors.outputShape;
  const linear = linearSite({
    name: tensors.name,
    input: unfold(tensors),
    weight: denseWeight(tensors),
    bias: tensors.bias,
    output: channelsLast(tensors.output, tensors.outputShape),
    gradient: channelsLast(tensors.gradient, tensors.outputShape),
    outputs,
    groups: outputs,
    inputQuantizer: uniform,
  });
  return { ...linear, steps: [{ side: "right", given: "float" }] };
}

/** [N, C, H, W] → [N·H'·W', C·kh·kw] */
function unfold({ input, inputShape, outputShape, window }: ConvTensors): Float32Array {
  const [images, channels, height, width] = inputShape;
  const [, , rows, columns] = outputShape;
  const { kernel, strides, dilations, padsBefore } = window;
  const [kernelHeight, kernelWidth] = kernel;
  const out = new Float32Array(images * rows * columns * channels * kernelHeight * kernelWidth);
  let at = 0;
  for (let n = 0; n < images; n++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let c = 0; c < channels; c++) {
          const plane = (n * channels + c) * height;
          for (let i = 0; i < kernelHeight; i++) {
            const y = row * strides[0] - padsBefore[0] + i * dilations[0];
            for (let j = 0; j < kernelWidth; j++, at++) {
              const x = column * strides[1] - padsBefore[1] + j * dilations[1];
              if (y >= 0 && y < height && x >= 0 && x < width) out[at] = input[(plane + y) * width + x];
            }
          }
        }
      }
    }
  }
  return out;
}

/** [P, C / groups, kh, kw] → [P, C·kh·kw]; channels of other groups get zeros, which rounding leaves as they are. */
function denseWeight({ weight, inputShape, outputShape, window }: ConvTensors): Float32Array {
  const { groups, kernel } = window;
  if (groups === 1) return weight;
  const outputs = outputShape[1];
  const inner = inputShape[1] * kernel[0] * kernel[1];
  const own = inner / groups;
  const dense = new Float32Array(outputs * inner);
  for (let p = 0; p < outputs; p++) {
    const group = Math.floor((p * groups) / outputs);
    dense.set(weight.subarray(p * own, (p + 1) * own), p * inner + group * own);
  }
  return dense;
}

/** [N, P, H, W] → [N·H·W, P] */
function channelsLast(data: Float32Array, [images, channels, height, width]: ConvTensors["outputShape"]): Float32Array {
  const places = height * width;
  const out = new Float32Array(data.length);
  for (let n = 0; n < images; n++) {
    for (let c = 0; c < channels; c++) {
      const from = (n * channels + c) * places;
      for (let i = 0; i < places; i++) out[(n * places + i) * channels + c] = data[from + i];
    }
  }
  return out;
}
