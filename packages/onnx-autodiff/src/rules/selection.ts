import type { GradientWriter } from "../gradient-writer.js";
import { refusal } from "../refusal.js";
import type { VjpRule } from "../vjp-rule.js";
import { placeAlong } from "./placement.js";

/** Where "to the end" begins in the `ends` of a Slice. */
const toTheEnd = 2 ** 31 - 1;

const fromFront = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

/** y = [x₁ x₂ …]  ⇒  each part gets its piece of dY */
export const concatRule: VjpRule<"Concat"> = (g, { inputs, attributes: { axis } }, dY) => {
  const sizes = inputs.map((part) => g.shapeOf(part).at(axis));
  const lengths = sizes.every((size) => typeof size === "number")
    ? g.int64(sizes)
    : g.add(
        "Concat",
        inputs.map((part) => lengthAlong(g, part, axis)),
        { axis: 0 },
      );
  return g.addMany("Split", [dY, lengths], inputs.length, { axis });
};

function lengthAlong(g: GradientWriter, value: string, axis: number): string {
  return g.add("Gather", [g.add("Shape", [value]), g.int64([axis])], { axis: 0 });
}

/** y₁, y₂ … = pieces of x  ⇒  dX = [dY₁ dY₂ …] */
export const splitRule: VjpRule<"Split"> = (g, { outputs, attributes: { axis } }, _, dOutputs) => {
  const pieces = outputs.map((piece, i) => dOutputs[i] ?? g.zerosLike(piece));
  return [g.add("Concat", pieces, { axis })];
};

/** y = x[start:end:step]  ⇒  dX = dY in its place, zeros around it */
export const sliceRule: VjpRule<"Slice"> = (g, node, dY) => {
  const [x, startsInput, endsInput, axesInput, stepsInput] = node.inputs;
  const shape = g.shapeOf(x);
  const integers = (name: string | undefined, what: string, fallback: readonly number[]) => {
    if (name === undefined || name === "") return fallback;
    const constant = g.constantOf(name);
    if (constant === null) throw refusal(node, `constant ${what}`, "computed ones");
    return constant.values;
  };
  const starts = integers(startsInput, "starts", []);
  const ends = integers(endsInput, "ends", []);
  const axes = integers(
    axesInput,
    "axes",
    starts.map((_, i) => i),
  );
  const steps = integers(
    stepsInput,
    "steps",
    starts.map(() => 1),
  );
  return [
    starts.reduce((placed, start, i) => {
      const axis = fromFront(axes[i] ?? i, shape.length);
      const [end, step, size] = [ends[i] ?? toTheEnd, steps[i] ?? 1, shape[axis]];
      if (start === 0 && end >= toTheEnd && step === 1) return placed;
      if (typeof size !== "number") throw refusal(node, `axis ${axis} of known length`, String(size));
      return placeAlong(g, placed, { rank: shape.length, axis, indices: takenBy(start, end, step, size), size });
    }, dY),
  ];
};

/** The indices that start:end:step takes of an axis, clamped as ONNX does. */
function takenBy(start: number, end: number, step: number, size: number): readonly number[] {
  const clamp = (index: number, low: number, high: number) =>
    Math.min(high, Math.max(low, index < 0 ? index + size : index));
  const from = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
  const until = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
  const count = Math.max(0, Math.ceil((until - from) / step));
  return Array.from({ length: count }, (_, i) => from + i * step);
}

/** y = x[indices] along an axis  ⇒  dX gets every row of dY back where it was taken; rows taken twice add up */
export const gatherRule: VjpRule<"Gather"> = (g, node, dY) => {
  const {
    inputs: [x, indicesInput],
    attributes,
  } = node;
  const shape = g.shapeOf(x);
  const axis = fromFront(attributes.axis, shape.length);
  const size = shape[axis];
  const taken = g.constantOf(indicesInput);
  if (taken === null) throw refusal(node, "constant indices", "computed ones");
  if (typeof size !== "number") throw refusal(node, `axis ${axis} of known length`, String(size));
  const indices = taken.values.map((index) => fromFront(index, size));
  const rows = mergeIndexAxes(g, dY, shape.length, axis, taken.dims);
  return [placeAlong(g, rows, { rank: shape.length, axis, indices, size }), null];
};

/** Indices of rank r stand as r axes in y; placing wants them as one. */
function mergeIndexAxes(g: GradientWriter, dY: string, rank: number, axis: number, dims: readonly number[]): string {
  if (dims.length === 1) return dY;
  if (dims.length === 0) return g.unsqueeze(dY, [axis]);
  // Axes before keep their length (0 in Reshape); those behind need their numbers, taken from dY itself.
  const shape = g.add("Shape", [dY]);
  const behind = g.add("Slice", [shape, g.int64([axis + dims.length]), g.int64([toTheEnd])]);
  const before = g.int64([...new Array<number>(axis).fill(0), dims.reduce((product, dim) => product * dim, 1)]);
  return g.add("Reshape", [dY, axis + 1 === rank ? before : g.add("Concat", [before, behind], { axis: 0 })]);
}

/** y = x with constants around it  ⇒  dX is the middle of dY */
export const padRule: VjpRule<"Pad"> = (g, node, dY) => {
  const [x, padsInput, , axesInput] = node.inputs;
  if (node.attributes.mode !== "constant") throw refusal(node, 'mode "constant"', node.attributes.mode);
  const pads = g.constantOf(padsInput)?.values;
  const axes = axesInput === undefined || axesInput === "" ? null : g.constantOf(axesInput);
  if (pads === undefined) throw refusal(node, "constant pads", "computed ones");
  if (pads.some((pad) => pad < 0)) throw refusal(node, "pads of at least 0", `[${pads.join(", ")}]`);
  const rank = pads.length / 2;
  const chosen = axes?.values ?? Array.from({ length: g.rankOf(x) }, (_, axis) => axis);
  const ends = pads.slice(rank).map((after) => (after === 0 ? toTheEnd : -after));
  return [g.add("Slice", [dY, g.int64(pads.slice(0, rank)), g.int64(ends), g.int64(chosen)]), null, null];
};
