import type { GradientWriter } from "../gradient-writer.js";
import type { NodeOf } from "../operators.js";
import { refusal } from "../refusal.js";
import type { VjpRule } from "../vjp-rule.js";

type Reduction = NodeOf<"ReduceSum"> | NodeOf<"ReduceMean">;

/** y = Σ x  ⇒  dX = dY, repeated along the summed axes */
export const reduceSumRule: VjpRule<"ReduceSum"> = (g, node, dY) => [repeat(g, node, dY)];

/** y = mean x  ⇒  dX = dY·|y|/|x|, repeated */
export const reduceMeanRule: VjpRule<"ReduceMean"> = (g, node, dY) => [repeat(g, node, meanShare(g, node, dY))];

function repeat(g: GradientWriter, node: Reduction, dY: string): string {
  const [x] = node.inputs;
  const axes = reducedAxes(g, node);
  const aligned = node.attributes.keepdims === 0 && axes.length > 0 ? g.unsqueeze(dY, axes) : dY;
  return g.add("Expand", [aligned, g.shapeVector(x)]);
}

function meanShare(g: GradientWriter, node: Reduction, dY: string): string {
  const {
    inputs: [x],
    outputs: [y],
  } = node;
  const shape = g.shapeOf(x);
  const reduced = reducedAxes(g, node).map((axis) => shape.at(axis));
  if (reduced.every((dim) => typeof dim === "number")) {
    return g.over(dY, g.scalar(reduced.reduce((product, dim) => product * dim, 1)));
  }
  const count = (value: string) => g.add("Cast", [g.add("Size", [value])], { to: float32 });
  return g.over(dY, g.over(count(x), count(y)));
}

/** Number of float32 in ONNX's TensorProto.DataType. */
const float32 = 1;

/** Axes are an attribute in older operator sets, an input in newer ones; none means all of them. */
function reducedAxes(g: GradientWriter, node: Reduction): readonly number[] {
  const [x, axesInput] = node.inputs;
  const { axes, noop_with_empty_axes } = node.attributes;
  const given = axesInput === undefined || axesInput === "" ? axes : g.constantOf(axesInput)?.values;
  if (given === undefined) throw refusal(node, "constant axes", "computed ones");
  if (given !== null && given.length > 0) return given;
  return noop_with_empty_axes === 0 ? Array.from({ length: g.rankOf(x) }, (_, axis) => axis) : [];
}
