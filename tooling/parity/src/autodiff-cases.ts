import type { DifferentiableOp } from "@quee/onnx-autodiff";
import { type Dim, float, type GraphBuilder } from "@quee/onnx-graph";

/** How numbers are drawn: anything; above 0.5; or away from the kink at 0. */
export type Draw = "normal" | "positive" | "nonzero";

/** One use of an operator. All `inputs` are differentiated; a symbolic dimension is 2 when run. */
export interface GradientCase {
  readonly title: string;
  readonly inputs: Readonly<Record<string, readonly Dim[]>>;
  readonly draw?: Draw;
  readonly opset?: number;
  /** @returns the name of the value whose weighted sum is the loss */
  readonly write: (builder: GraphBuilder) => string;
}

const unary = (op: string, draw: Draw = "normal"): GradientCase => ({
  title: "elementwise",
  inputs: { x: ["batch", 3] },
  draw,
  write: (b) => b.add(op, ["x"]),
});

const binary = (op: string, draw: Draw = "normal"): readonly GradientCase[] => [
  { title: "same shapes", inputs: { x: ["batch", 3], y: ["batch", 3] }, draw, write: (b) => b.add(op, ["x", "y"]) },
  { title: "fewer axes", inputs: { x: ["batch", 2, 3], y: [3] }, draw, write: (b) => b.add(op, ["x", "y"]) },
  { title: "a scalar", inputs: { x: [], y: ["batch", 3] }, draw, write: (b) => b.add(op, ["x", "y"]) },
  { title: "axes of 1", inputs: { x: [1, 4, 1], y: ["batch", 1, 3] }, draw, write: (b) => b.add(op, ["x", "y"]) },
  {
    title: "a missing axis and 1",
    inputs: { x: ["batch", 4, 3], y: [1, 3] },
    draw,
    write: (b) => b.add(op, ["x", "y"]),
  },
  { title: "one value twice", inputs: { x: ["batch", 3] }, draw, write: (b) => b.add(op, ["x", "x"]) },
];

const along = (op: string): readonly GradientCase[] => [
  { title: "last axis", inputs: { x: ["batch", 3, 4] }, write: (b) => b.add(op, ["x"]) },
  { title: "inner axis", inputs: { x: ["batch", 3, 4] }, write: (b) => b.add(op, ["x"], { axis: 1 }) },
  { title: "negative axis", inputs: { x: ["batch", 3, 4] }, write: (b) => b.add(op, ["x"], { axis: -2 }) },
];

const layerNorm = (axis: number, tail: readonly number[], bias = true, opset = 17): GradientCase => ({
  title: `axis ${axis}${bias ? "" : ", no bias"}, opset ${opset}`,
  inputs: { x: ["batch", 3, 4], scale: tail, ...(bias ? { bias: tail } : {}) },
  opset,
  write: (b) => b.add("LayerNormalization", ["x", "scale", ...(bias ? ["bias"] : [])], { axis, epsilon: float(1e-3) }),
});

const reduction = (op: "ReduceSum" | "ReduceMean"): readonly GradientCase[] => {
  // Axes became an input at opset 13 for ReduceSum, at 18 for ReduceMean.
  const opset = op === "ReduceSum" ? 17 : 18;
  const x = ["batch", 3, 4];
  const axes = (b: GraphBuilder, values: readonly number[]) => ["x", b.int64(values)];
  return [
    { title: "kept axis", opset, inputs: { x }, write: (b) => b.add(op, axes(b, [1])) },
    { title: "dropped axes", opset, inputs: { x }, write: (b) => b.add(op, axes(b, [0, -1]), { keepdims: 0 }) },
    { title: "the batch", opset, inputs: { x }, write: (b) => b.add(op, axes(b, [0]), { keepdims: 0 }) },
    { title: "all axes", opset, inputs: { x }, write: (b) => b.add(op, ["x"], { keepdims: 0 }) },
    { title: "none", opset, inputs: { x }, write: (b) => b.add(op, ["x"], { noop_with_empty_axes: 1 }) },
  ];
};

const convolution = (
  title: string,
  x: readonly Dim[],
  weight: readonly number[],
  attributes: Readonly<Record<string, readonly number[] | number>>,
): GradientCase => ({
  title,
  inputs: { x, weight, bias: weight.slice(0, 1) },
  write: (b) => b.add("Conv", ["x", "weight", "bias"], attributes),
});

const bounds = (b: GraphBuilder) => ({ low: b.scalar(-0.4), high: b.scalar(0.9) });

const condition = (b: GraphBuilder) =>
  b.initializer("condition", { dtype: "bool", dims: [2, 1], data: Uint8Array.of(1, 0) });

/** At least one use of every operator: an operator without a case does not compile. */
export const gradientCases: { readonly [Op in DifferentiableOp]: readonly GradientCase[] } = {
  Add: binary("Add"),
  Sub: binary("Sub"),
  Mul: binary("Mul"),
  Div: binary("Div", "positive"),
  Pow: [
    { title: "square", inputs: { x: ["batch", 3] }, write: (b) => b.add("Pow", ["x", b.scalar(2)]) },
    { title: "cube", inputs: { x: ["batch", 3] }, write: (b) => b.add("Pow", ["x", b.scalar(3)]) },
    { title: "root", draw: "positive", inputs: { x: ["batch", 3] }, write: (b) => b.add("Pow", ["x", b.scalar(0.5)]) },
    {
      title: "an exponent per column",
      draw: "positive",
      inputs: { x: ["batch", 1] },
      write: (b) => b.add("Pow", ["x", b.tensor("p", [3], Float32Array.of(-1, 1, 2.5))]),
    },
    {
      title: "an integer exponent",
      inputs: { x: ["batch", 3] },
      write: (b) => b.add("Pow", ["x", b.int64([3])]),
    },
  ],
  Neg: [unary("Neg")],
  Exp: [unary("Exp")],
  Log: [unary("Log", "positive")],
  Sqrt: [unary("Sqrt", "positive")],
  Erf: [unary("Erf")],
  Tanh: [unary("Tanh")],
  Sigmoid: [unary("Sigmoid")],
  Relu: [unary("Relu", "nonzero")],
  Abs: [unary("Abs", "nonzero")],
  Clip: [
    {
      title: "both bounds",
      draw: "nonzero",
      inputs: { x: ["batch", 7] },
      write: (b) => b.add("Clip", ["x", bounds(b).low, b.scalar(0.9)]),
    },
    { title: "no lower bound", inputs: { x: ["batch", 7] }, write: (b) => b.add("Clip", ["x", "", bounds(b).high]) },
    { title: "no bound", inputs: { x: ["batch", 7] }, write: (b) => b.add("Clip", ["x"]) },
  ],
  Where: [
    {
      title: "broadcast on all sides",
      inputs: { x: ["batch", 3], y: [3] },
      write: (b) => b.add("Where", [condition(b), "x", "y"]),
    },
    {
      title: "a computed condition",
      inputs: { x: ["batch", 3], y: [1] },
      draw: "nonzero",
      write: (b) => b.add("Where", [b.add("Greater", ["x", b.scalar(0)]), "x", "y"]),
    },
  ],
  Gelu: [{ title: "exact", inputs: { x: ["batch", 5] }, opset: 20, write: (b) => b.add("Gelu", ["x"]) }],
  "com.microsoft:Gelu": [unary("com.microsoft:Gelu")],
  Cast: [{ title: "float32", inputs: { x: ["batch", 3] }, write: (b) => b.add("Cast", ["x"], { to: 1 }) }],
  Identity: [unary("Identity")],
  MatMul: [
    { title: "matrices", inputs: { a: ["batch", 3], b: [3, 4] }, write: (b) => b.matMul("a", "b") },
    { title: "weights on a batch", inputs: { a: ["batch", 5, 3], b: [3, 4] }, write: (b) => b.matMul("a", "b") },
    { title: "weights on heads", inputs: { a: ["batch", 2, 5, 3], b: [3, 4] }, write: (b) => b.matMul("a", "b") },
    { title: "batches", inputs: { a: ["batch", 2, 5, 3], b: ["batch", 2, 3, 4] }, write: (b) => b.matMul("a", "b") },
    { title: "broadcast batches", inputs: { a: ["batch", 1, 5, 3], b: [4, 3, 2] }, write: (b) => b.matMul("a", "b") },
    { title: "a matrix on batches", inputs: { a: [5, 3], b: ["batch", 3, 4] }, write: (b) => b.matMul("a", "b") },
    { title: "matrix and vector", inputs: { a: ["batch", 5, 3], b: [3] }, write: (b) => b.matMul("a", "b") },
    { title: "vector and matrices", inputs: { a: [3], b: ["batch", 3, 4] }, write: (b) => b.matMul("a", "b") },
    { title: "vectors", inputs: { a: [3], b: [3] }, write: (b) => b.matMul("a", "b") },
  ],
  Gemm: [0, 1, 2, 3].map((bits) => {
    const [transA, transB] = [bits & 1, bits >> 1];
    return {
      title: `transA ${transA}, transB ${transB}`,
      inputs: {
        a: transA ? [3, "batch"] : ["batch", 3],
        b: transB ? [4, 3] : [3, 4],
        c: bits < 2 ? [4] : ["batch", 1],
      },
      write: (b: GraphBuilder) => b.add("Gemm", ["a", "b", "c"], { alpha: float(0.5), beta: float(2), transA, transB }),
    };
  }),
  Softmax: along("Softmax"),
  LogSoftmax: along("LogSoftmax"),
  LayerNormalization: [
    layerNorm(-1, [4]),
    layerNorm(-1, [4], false),
    layerNorm(1, [3, 4]),
    layerNorm(2, [4], true, 18),
  ],
  ReduceMean: [
    ...reduction("ReduceMean"),
    { title: "axes as attribute", inputs: { x: ["batch", 3, 4] }, write: (b) => b.reduceMean("x", [-1], false) },
  ],
  ReduceSum: reduction("ReduceSum"),
  Transpose: [
    { title: "a cycle of axes", inputs: { x: ["batch", 3, 4] }, write: (b) => b.transpose("x", [1, 2, 0]) },
    { title: "all reversed", inputs: { x: ["batch", 3, 4] }, write: (b) => b.add("Transpose", ["x"]) },
  ],
  Reshape: [
    { title: "with a batch", inputs: { x: ["batch", 6, 4] }, write: (b) => b.reshape("x", [0, 2, 3, 4]) },
    { title: "two open axes", inputs: { x: ["batch", "tokens", 4] }, write: (b) => b.reshape("x", [-1, 2]) },
  ],
  Flatten: [
    { title: "from axis 1", inputs: { x: ["batch", 3, 4] }, write: (b) => b.add("Flatten", ["x"], { axis: 1 }) },
  ],
  Squeeze: [
    { title: "given axes", inputs: { x: ["batch", 1, 4, 1] }, write: (b) => b.add("Squeeze", ["x", b.int64([1, -1])]) },
  ],
  Unsqueeze: [
    { title: "given axes", inputs: { x: ["batch", 3] }, write: (b) => b.add("Unsqueeze", ["x", b.int64([0, -1])]) },
  ],
  Expand: [
    { title: "more axes", inputs: { x: [3, 1] }, write: (b) => b.add("Expand", ["x", b.int64([2, 3, 4])]) },
    {
      title: "to a batch that only the run knows",
      inputs: { token: [1, 1, 3], x: ["batch", 2, 3] },
      write: (b) => {
        const batch = b.add("Slice", [b.add("Shape", ["x"]), b.int64([0]), b.int64([1])]);
        const repeated = b.add("Expand", ["token", b.add("Concat", [batch, b.int64([1, 1])], { axis: 0 })]);
        return b.add("Concat", [repeated, "x"], { axis: 1 });
      },
    },
  ],
  Concat: [
    {
      title: "inner axis, one part twice",
      inputs: { x: ["batch", 1, 3], y: ["batch", 2, 3] },
      write: (b) => b.add("Concat", ["x", "y", "x"], { axis: -2 }),
    },
    {
      title: "the batch",
      inputs: { x: ["batch", 3], y: [1, 3] },
      write: (b) => b.add("Concat", ["x", "y"], { axis: 0 }),
    },
  ],
  Split: [
    {
      title: "pieces of given sizes, one unused",
      inputs: { x: ["batch", 6] },
      write: (b) => {
        const [first, , last] = b.addMany("Split", ["x", b.int64([1, 2, 3])], 3, { axis: -1 });
        return b.times(first as string, last as string);
      },
    },
    {
      title: "the first piece unused",
      inputs: { x: ["batch", 6] },
      write: (b) => b.addMany("Split", ["x"], 2, { axis: 1 })[1] as string,
    },
  ],
  Slice: [
    { title: "a middle piece", inputs: { x: ["batch", 6] }, write: (b) => b.slice("x", 1, 2, 5) },
    { title: "from the end", inputs: { x: ["batch", 6] }, write: (b) => b.slice("x", -1, -3, 2 ** 31) },
    {
      title: "steps, two axes",
      inputs: { x: ["batch", 7, 4] },
      write: (b) => b.add("Slice", ["x", b.int64([5, 1]), b.int64([-100, 4]), b.int64([1, 2]), b.int64([-2, 2])]),
    },
    {
      title: "no axes, whole batch",
      inputs: { x: ["batch", 4] },
      write: (b) => b.add("Slice", ["x", b.int64([0, 1]), b.int64([2 ** 31, 3])]),
    },
  ],
  Gather: [
    {
      title: "one index",
      inputs: { x: ["batch", 5, 3] },
      write: (b) =>
        b.add("Gather", ["x", b.initializer("index", { dtype: "int64", dims: [], data: BigInt64Array.of(-2n) })], {
          axis: 1,
        }),
    },
    {
      title: "a run of indices",
      inputs: { x: ["batch", 5, 3] },
      write: (b) => b.add("Gather", ["x", b.int64([1, 2, 3])], { axis: 1 }),
    },
    {
      title: "repeated indices",
      inputs: { x: ["batch", 5, 3] },
      write: (b) => b.add("Gather", ["x", b.int64([3, 0, 3, 3, -1])], { axis: -2 }),
    },
    {
      title: "windows (im2col)",
      inputs: { x: ["batch", 5, 3] },
      write: (b) => {
        const data = BigInt64Array.from([0, 1, 2, 1, 2, 3], BigInt);
        return b.add("Gather", ["x", b.initializer("windows", { dtype: "int64", dims: [2, 3], data })], { axis: 1 });
      },
    },
    {
      title: "windows on the last axis",
      inputs: { x: ["batch", 4] },
      write: (b) => {
        const data = BigInt64Array.from([0, 1, 1, 3], BigInt);
        return b.add("Gather", ["x", b.initializer("windows", { dtype: "int64", dims: [2, 2], data })], { axis: 1 });
      },
    },
  ],
  Pad: [
    { title: "zeros", inputs: { x: ["batch", 2, 3] }, write: (b) => b.add("Pad", ["x", b.int64([0, 1, 0, 0, 2, 1])]) },
    {
      title: "chosen axes, a constant",
      opset: 18,
      inputs: { x: ["batch", 2, 3] },
      write: (b) => b.add("Pad", ["x", b.int64([1, 2]), b.scalar(3), b.int64([-1])]),
    },
  ],
  Conv: [
    convolution("one axis", ["batch", 2, 7], [3, 2, 3], { strides: [2], pads: [1, 0] }),
    convolution("left-over rows", ["batch", 2, 6, 7], [4, 2, 3, 2], { strides: [2, 3], pads: [1, 0, 0, 1] }),
    convolution("groups", ["batch", 4, 5, 5], [6, 2, 3, 3], { group: 2, pads: [1, 1, 1, 1], strides: [2, 2] }),
    convolution("depthwise, dilated", ["batch", 3, 7, 7], [3, 1, 2, 2], { group: 3, dilations: [2, 3] }),
    convolution("patches", ["batch", 3, 4, 4], [5, 3, 2, 2], { strides: [2, 2] }),
  ],
};
