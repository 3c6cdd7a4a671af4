import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import type { Graph } from "../graph.js";
import { interpret, opsOf, ramp } from "../interpret.test.support.js";
import { fuseLayerNorm } from "./fuse-layer-norm.js";
import { removeDeadCode } from "./remove-dead-code.js";

interface Spelling {
  readonly square: "Pow" | "Mul";
  readonly root: "Sqrt" | "Pow";
  readonly quotient: "Div" | "Reciprocal";
  readonly affine: "both" | "weight" | "none";
  /** PyTorch writes x − mean once, others twice. */
  readonly centredTwice: boolean;
}

const pytorch: Spelling = { square: "Pow", root: "Sqrt", quotient: "Div", affine: "both", centredTwice: false };

function decomposed(spelling: Spelling, change: { axis?: number; exponent?: number; opset?: number } = {}): Graph {
  const g = new GraphBuilder("norm");
  g.opset("", change.opset ?? 17);
  const x = g.input("x", ["batch", 3, 4]);
  const axis = change.axis ?? -1;
  const mean = g.reduceMean(x, [axis]);
  const centred = g.minus(x, mean);
  const again = spelling.centredTwice ? g.minus(x, mean) : centred;
  const square =
    spelling.square === "Pow" ? g.add("Pow", [again, g.scalar(change.exponent ?? 2)]) : g.times(again, again);
  const variance = g.plus(g.scalar(1e-6), g.reduceMean(square, [axis]));
  const root = spelling.root === "Sqrt" ? g.add("Sqrt", [variance]) : g.add("Pow", [variance, g.scalar(0.5)]);
  let y = spelling.quotient === "Div" ? g.over(centred, root) : g.times(g.add("Reciprocal", [root]), centred);
  if (spelling.affine !== "none") y = g.times(g.initializer("w", ramp(4)), y);
  if (spelling.affine === "both") y = g.plus(y, g.initializer("b", ramp(1, 1, 4)));
  g.output(y);
  return g.build();
}

/** Layer norm of each row, by its formula. */
function expected(rows: Float32Array, affine: Spelling["affine"]): Float32Array {
  const weight = ramp(4).data as Float32Array;
  return rows.map((_, i) => {
    const row = rows.slice(4 * Math.floor(i / 4), 4 * Math.floor(i / 4) + 4);
    const mean = row.reduce((sum, value) => sum + value, 0) / 4;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4;
    const normal = ((rows[i] as number) - mean) / Math.sqrt(variance + 1e-6);
    const scaled = affine === "none" ? normal : normal * (weight[i % 4] as number);
    return affine === "both" ? scaled + (weight[i % 4] as number) : scaled;
  });
}

test.each<Spelling>([
  pytorch,
  { ...pytorch, centredTwice: true },
  { ...pytorch, square: "Mul" },
  { ...pytorch, root: "Pow" },
  { ...pytorch, quotient: "Reciprocal" },
  { ...pytorch, affine: "weight" },
  { ...pytorch, affine: "none" },
])("spelling %#: the pieces are one LayerNormalization", (spelling) => {
  const graph = decomposed(spelling);
  const fused = removeDeadCode.apply(fuseLayerNorm.apply(graph));
  expect(opsOf(fused)).toEqual(["LayerNormalization"]);
  const [norm] = fused.nodes;
  expect(norm?.attributes.get("epsilon")?.value).toBeCloseTo(1e-6, 12);
  const pieces = interpret(graph, new Map([["x", ramp(2, 3, 4)]])).get(graph.outputs[0]?.name as string);
  expectAllclose(pieces?.data as Float32Array, expected(ramp(2, 3, 4).data as Float32Array, spelling.affine), {
    rtol: 1e-5,
    atol: 1e-6,
  });
  const constants = norm?.inputs.slice(1).map((name) => fused.initializers.get(name));
  expect(constants?.map((value) => value?.dims)).toEqual(spelling.affine === "both" ? [[4], [4]] : [[4]]);
  const ones = spelling.affine === "none" ? [1, 1, 1, 1] : [...(ramp(4).data as Float32Array)];
  expect(Array.from(constants?.[0]?.data ?? [], Number)).toEqual(ones);
});

test.each([
  ["another axis", { axis: 1 }],
  ["another power", { exponent: 3 }],
  ["an opset without the operator", { opset: 16 }],
])("%s is no layer norm", (_, change) => {
  const graph = decomposed(pytorch, change);
  expect(fuseLayerNorm.apply(graph)).toBe(graph);
});

test("a normalised value that is itself an output keeps its name", () => {
  const graph = decomposed(pytorch);
  const division = graph.nodes.find(({ op }) => op === "Div")?.outputs[0] as string;
  const both = { ...graph, outputs: [...graph.outputs, { name: division, dtype: "float32", shape: null } as const] };
  const fused = removeDeadCode.apply(fuseLayerNorm.apply(both));
  expect(opsOf(fused)).toEqual(["LayerNormalization", "Mul", "Add"]);
  expect(fused.outputs).toEqual(both.outputs);
});
