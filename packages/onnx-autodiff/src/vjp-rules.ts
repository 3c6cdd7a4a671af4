import type { DifferentiableOp } from "./operators.js";
import { refusal } from "./refusal.js";
import { convRule } from "./rules/convolution.js";
import { clipRule, geluRule, powRule } from "./rules/elementwise.js";
import { gemmRule, matMulRule } from "./rules/matrix.js";
import { layerNormalizationRule, logSoftmaxRule, softmaxRule } from "./rules/normalization.js";
import { reduceMeanRule, reduceSumRule } from "./rules/reduction.js";
import { concatRule, gatherRule, padRule, sliceRule, splitRule } from "./rules/selection.js";
import { broadcasting, type VjpRule } from "./vjp-rule.js";

/** One vector–Jacobian product per operator. An operator of the table `operators` without a rule here does not compile. */
export const vjpRules: { readonly [Op in DifferentiableOp]: VjpRule<Op> } = {
  // y = a + b            da = dy, db = dy
  Add: broadcasting((_, __, dY) => [dY, dY]),
  // y = a − b            da = dy, db = −dy
  Sub: broadcasting((g, _, dY) => [dY, g.add("Neg", [dY])]),
  // y = a·b              da = dy·b, db = dy·a
  Mul: broadcasting((g, { inputs: [a, b] }, dY) => [g.times(dY, b), g.times(dY, a)]),
  // y = a/b              da = dy/b, db = −dy·y/b
  Div: broadcasting((g, { inputs: [, b], outputs: [y] }, dY) => {
    const dA = g.over(dY, b);
    return [dA, g.add("Neg", [g.times(dA, y)])];
  }),
  Pow: powRule,
  // y = −x               dx = −dy
  Neg: (g, _, dY) => [g.add("Neg", [dY])],
  // y = eˣ               dx = dy·y
  Exp: (g, { outputs: [y] }, dY) => [g.times(dY, y)],
  // y = ln x             dx = dy/x
  Log: (g, { inputs: [x] }, dY) => [g.over(dY, x)],
  // y = √x               dx = dy/2y
  Sqrt: (g, { outputs: [y] }, dY) => [g.over(g.times(dY, 0.5), y)],
  // y = erf x            dx = dy·(2/√π)·exp(−x²)
  Erf: (g, { inputs: [x] }, dY) => {
    const bell = g.add("Exp", [g.add("Neg", [g.times(x, x)])]);
    return [g.times(dY, g.times(bell, 2 / Math.sqrt(Math.PI)))];
  },
  // y = tanh x           dx = dy·(1 − y²) = dy − dy·y²
  Tanh: (g, { outputs: [y] }, dY) => [g.times(dY, g.minus(g.scalar(1), g.times(y, y)))],
  // y = σ(x)             dx = dy·y·(1 − y)
  Sigmoid: (g, { outputs: [y] }, dY) => [g.times(dY, g.times(y, g.minus(g.scalar(1), y)))],
  // y = max(x, 0)        dx = dy where x > 0
  Relu: (g, { inputs: [x] }, dY) => [g.add("Where", [g.add("Greater", [x, g.scalar(0)]), dY, g.scalar(0)])],
  // y = |x|              dx = dy·sign x
  Abs: (g, { inputs: [x] }, dY) => [g.times(dY, g.add("Sign", [x]))],
  Clip: clipRule,
  // y = c ? a : b        da = c ? dy : 0, db = c ? 0 : dy
  Where: broadcasting((g, { inputs: [c] }, dY) => [
    null,
    g.add("Where", [c, dY, g.scalar(0)]),
    g.add("Where", [c, g.scalar(0), dY]),
  ]),
  Gelu: (g, node, dY) => {
    if (node.attributes.approximate !== "none") throw refusal(node, "the exact GELU", node.attributes.approximate);
    return geluRule(g, node.inputs[0], dY);
  },
  "com.microsoft:Gelu": (g, { inputs: [x] }, dY) => geluRule(g, x, dY),
  // Only float32 carries gradients, so a cast on their way changes nothing.
  Cast: (_, __, dY) => [dY],
  Identity: (_, __, dY) => [dY],
  MatMul: matMulRule,
  Gemm: gemmRule,
  Softmax: softmaxRule,
  LogSoftmax: logSoftmaxRule,
  LayerNormalization: layerNormalizationRule,
  ReduceMean: reduceMeanRule,
  ReduceSum: reduceSumRule,
  // y = x with axes in the order of perm: put them back
  Transpose: (g, { inputs: [x], attributes: { perm } }, dY) => {
    const order = perm ?? g.shapeOf(x).map((_, axis, all) => all.length - 1 - axis);
    return [
      g.transpose(
        dY,
        order.map((_, axis) => order.indexOf(axis)),
      ),
    ];
  },
  // The same numbers in another shape: give them the shape of x back
  Reshape: (g, { inputs: [x] }, dY) => [g.reshapeLike(dY, x), null],
  Flatten: (g, { inputs: [x] }, dY) => [g.reshapeLike(dY, x)],
  Squeeze: (g, { inputs: [x] }, dY) => [g.reshapeLike(dY, x), null],
  Unsqueeze: (g, { inputs: [x] }, dY) => [g.reshapeLike(dY, x), null],
  // Nothing but broadcasting
  Expand: broadcasting((_, __, dY) => [dY, null]),
  Concat: concatRule,
  Split: splitRule,
  Slice: sliceRule,
  Gather: gatherRule,
  Pad: padRule,
  Conv: convRule,
};
