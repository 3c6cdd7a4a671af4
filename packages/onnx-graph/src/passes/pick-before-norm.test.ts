import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import { inferShapes } from "../infer-shapes.js";
import { opsOf, ramp } from "../interpret.test.support.js";
import { pickBeforeNorm } from "./pick-before-norm.js";

function normThen(pick: (g: GraphBuilder, normed: string) => string) {
  const g = new GraphBuilder("pick");
  const x = g.input("x", ["batch", 5, 4]);
  const normed = g.add("LayerNormalization", [x, g.initializer("w", ramp(4))], { axis: -1 });
  g.output(pick(g, normed));
  return g.build();
}

const index = (g: GraphBuilder, value: bigint) =>
  g.initializer("index", { dtype: "int64", dims: [], data: BigInt64Array.of(value) });

test.each([
  ["Gather", (g: GraphBuilder, y: string) => g.add("Gather", [y, index(g, 0n)], { axis: 1 }), ["batch", 4]],
  ["Slice", (g: GraphBuilder, y: string) => g.slice(y, 1, 1, 3), ["batch", 2, 4]],
] as const)("a %s of tokens comes before the norm of all", (op, pick, shape) => {
  const graph = normThen(pick);
  const swapped = pickBeforeNorm.apply(graph);
  expect(opsOf(swapped)).toEqual([op, "LayerNormalization"]);
  expect(inferShapes(swapped).get(graph.outputs[0]?.name as string)?.shape).toEqual(shape);
  expect(pickBeforeNorm.apply(swapped)).toBe(swapped);
});

test("a slice of the features stays behind the norm that sees them all", () => {
  const graph = normThen((g, y) => g.slice(y, 2, 0, 2));
  expect(pickBeforeNorm.apply(graph)).toBe(graph);
});

test("a norm that others read as well stays", () => {
  const graph = normThen((g, y) => g.plus(g.slice(y, 1, 0, 1), y));
  expect(pickBeforeNorm.apply(graph)).toBe(graph);
});
