/** The attributes that a rule reads, with the value that ONNX gives to an absent one. */
type AttributeDefaults = Readonly<Record<string, number | string | readonly number[] | null>>;

/** The names of a node's inputs: `Count` that must be there, then optional ones. */
type InputNames<Count extends 1 | 2 | 3> = readonly [...Required[Count], ...string[]];
type Required = { 1: [string]; 2: [string, string]; 3: [string, string, string] };

interface Operator<Count extends 1 | 2 | 3, Attributes extends AttributeDefaults> {
  readonly required: Count;
  readonly attributes: Attributes;
}

function operator<Count extends 1 | 2 | 3>(required: Count): Operator<Count, Record<never, never>>;
function operator<Count extends 1 | 2 | 3, Attributes extends AttributeDefaults>(
  required: Count,
  attributes: Attributes,
): Operator<Count, Attributes>;
function operator(required: 1 | 2 | 3, attributes: AttributeDefaults = {}) {
  return { required, attributes };
}

const absent: readonly number[] | null = null;
const convolution = { auto_pad: "NOTSET", group: 1, strides: absent, pads: absent, dilations: absent };

/**
 * What can be differentiated, as ONNX declares it from opset 13 on: how many inputs must be there, and the attributes that
 * matter to the gradient. Operators of other domains are written as `GraphBuilder.add` takes them.
 */
export const operators = {
  Add: operator(2),
  Sub: operator(2),
  Mul: operator(2),
  Div: operator(2),
  Pow: operator(2),
  Neg: operator(1),
  Exp: operator(1),
  Log: operator(1),
  Sqrt: operator(1),
  Erf: operator(1),
  Tanh: operator(1),
  Sigmoid: operator(1),
  Relu: operator(1),
  Abs: operator(1),
  Clip: operator(1),
  Where: operator(3),
  Gelu: operator(1, { approximate: "none" }),
  "com.microsoft:Gelu": operator(1),
  Cast: operator(1),
  Identity: operator(1),
  MatMul: operator(2),
  Gemm: operator(2, { alpha: 1, beta: 1, transA: 0, transB: 0 }),
  Softmax: operator(1, { axis: -1 }),
  LogSoftmax: operator(1, { axis: -1 }),
  LayerNormalization: operator(2, { axis: -1, epsilon: 1e-5 }),
  ReduceMean: operator(1, { axes: absent, keepdims: 1, noop_with_empty_axes: 0 }),
  ReduceSum: operator(1, { axes: absent, keepdims: 1, noop_with_empty_axes: 0 }),
  Transpose: operator(1, { perm: absent }),
  Reshape: operator(2),
  Flatten: operator(1),
  Squeeze: operator(1),
  Unsqueeze: operator(1),
  Expand: operator(2),
  Concat: operator(1, { axis: 0 }),
  Split: operator(1, { axis: 0 }),
  Slice: operator(3),
  Gather: operator(2, { axis: 0 }),
  Pad: operator(2, { mode: "constant" }),
  Conv: operator(2, convolution),
};

export type DifferentiableOp = keyof typeof operators;

export const differentiableOps = Object.keys(operators) as readonly DifferentiableOp[];

/** A node as its rule sees it: inputs counted, attributes read. */
export interface NodeOf<Op extends DifferentiableOp> {
  readonly name: string;
  readonly op: string;
  readonly inputs: InputNames<(typeof operators)[Op]["required"]>;
  readonly outputs: readonly [string, ...string[]];
  readonly attributes: (typeof operators)[Op]["attributes"];
}
