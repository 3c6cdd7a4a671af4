import type { Dim } from "../graph.js";
import { timesDim } from "../shapes/dims.js";
import type { Call, ShapeRule } from "./call.js";

interface Window {
  readonly kernel: readonly Dim[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Begin of each axis, then end of each axis. */
  readonly pads: readonly number[];
  readonly auto: string;
}

function windowOf(call: Call, kernel: readonly Dim[]): Window {
  const rank = kernel.length;
  const list = (name: string, length: number, otherwise: number) => {
    const given = call.ints(name) ?? Array<number>(length).fill(otherwise);
    if (given.length !== length) throw call.mismatch(`${length} ${name}`, String(given.length));
    return given;
  };
  return {
    kernel,
    strides: list("strides", rank, 1),
    dilations: list("dilations", rank, 1),
    pads: list("pads", 2 * rank, 0),
    auto: call.text("auto_pad", "NOTSET"),
  };
}

/** How many places a window has along one axis. */
function places(size: Dim, window: Window, axis: number, ceiling: boolean): Dim {
  const stride = window.strides[axis];
  const kernel = window.kernel[axis];
  if (window.auto.startsWith("SAME")) {
    if (stride === 1) return size;
    return typeof size === "number" ? Math.ceil(size / stride) : null;
  }
  if (typeof kernel !== "number") return null;
  const rank = window.kernel.length;
  const pad = window.auto === "VALID" ? [0, 0] : [window.pads[axis], window.pads[axis + rank]];
  const spare = pad[0] + pad[1] - (window.dilations[axis] * (kernel - 1) + 1);
  if (typeof size !== "number") return stride === 1 && spare === -1 ? size : null;
  const exact = (size + spare) / stride;
  if (!ceiling) return Math.floor(exact) + 1;
  const count = Math.ceil(exact) + 1;
  // A window that would begin in the padding at the end does not count.
  return (count - 1) * stride >= size + pad[0] ? count - 1 : count;
}

const convolution: ShapeRule = (call) => {
  const image = call.shape(0);
  const weight = call.shape(1);
  const dtype = call.dtype(0);
  if (image === null || image.length < 3 || weight?.length !== image.length) return [{ dtype, shape: null }];
  const channels = timesDim(weight[1], call.int("group", 1));
  if (typeof channels === "number" && typeof image[1] === "number" && channels !== image[1]) {
    throw call.mismatch(`${channels} channels`, String(image[1]));
  }
  const window = windowOf(call, weight.slice(2));
  const spatial = image.slice(2).map((size, axis) => places(size, window, axis, false));
  return [{ dtype, shape: [image[0], weight[0], ...spatial] }];
};

const transposedConvolution: ShapeRule = (call) => {
  const image = call.shape(0);
  const weight = call.shape(1);
  const dtype = call.dtype(0);
  if (image === null || image.length < 3 || weight?.length !== image.length) return [{ dtype, shape: null }];
  const window = windowOf(call, weight.slice(2));
  const rank = image.length - 2;
  const extra = call.ints("output_padding") ?? Array<number>(rank).fill(0);
  const given = call.ints("output_shape");
  const spatial = image.slice(2).map((size, axis): Dim => {
    if (given !== undefined) return given.at(axis - rank) ?? null;
    if (window.auto.startsWith("SAME")) return timesDim(size, window.strides[axis]);
    const kernel = window.kernel[axis];
    if (typeof size !== "number" || typeof kernel !== "number") return null;
    const pad = window.auto === "VALID" ? 0 : window.pads[axis] + window.pads[axis + rank];
    return window.strides[axis] * (size - 1) + extra[axis] + window.dilations[axis] * (kernel - 1) + 1 - pad;
  });
  return [{ dtype, shape: [image[0], timesDim(weight[1], call.int("group", 1)), ...spatial] }];
};

const pooling: ShapeRule = (call) => {
  const image = call.shape(0);
  const kernel = call.ints("kernel_shape");
  const dtype = call.dtype(0);
  const shape =
    image === null || image.length < 3 || kernel?.length !== image.length - 2
      ? null
      : [
          ...image.slice(0, 2),
          ...image.slice(2).map((size, i) => places(size, windowOf(call, kernel), i, call.int("ceil_mode", 0) !== 0)),
        ];
  return [
    { dtype, shape },
    { dtype: "int64", shape },
  ];
};

const globalPooling: ShapeRule = (call) => {
  const image = call.shape(0);
  return [{ dtype: call.dtype(0), shape: image?.map((dim, i) => (i < 2 ? dim : 1)) ?? null }];
};

/** [N, C·∏block, L] and the sizes of the image → [N, C, …image]. */
const columnsToImage: ShapeRule = (call) => {
  const columns = call.shape(0);
  const image = call.elements(1);
  const block = call.integers(2);
  if (columns?.length !== 3 || image === null) return [{ dtype: call.dtype(0), shape: null }];
  const perChannel = block?.reduce((size, dim) => size * dim, 1) ?? null;
  const channels = columns[1];
  const count = typeof channels === "number" && perChannel !== null ? channels / perChannel : null;
  return [{ dtype: call.dtype(0), shape: [columns[0], count, ...image] }];
};

export const convolutionRules = {
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  MaxPool: pooling,
  AveragePool: (call) => pooling(call).slice(0, 1),
  GlobalAveragePool: globalPooling,
  GlobalMaxPool: globalPooling,
  Col2Im: columnsToImage,
} as const satisfies Readonly<Record<string, ShapeRule>>;
