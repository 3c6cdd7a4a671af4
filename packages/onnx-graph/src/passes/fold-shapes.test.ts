import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import type { Graph } from "../graph.js";
import { foldShapes, reshapeTarget } from "./fold-shapes.js";

function targetOf(graph: Graph, output: string): readonly number[] {
  const node = graph.nodes.find(({ outputs }) => outputs.includes(output));
  return Array.from(graph.initializers.get(node?.inputs[1] ?? "")?.data ?? [], Number);
}

test("a computed target becomes constant: 0 copies the batch in its place, −1 stands for it elsewhere", () => {
  const g = new GraphBuilder("targets");
  const x = g.input("x", ["batch", 6, 4]);
  const shape = g.add("Shape", [x]);
  const batch = g.add("Slice", [shape, g.int64([0]), g.int64([1])]);
  g.output(g.add("Reshape", [x, g.add("Concat", [batch, g.int64([2, 12])], { axis: 0 })], {}, "kept"));
  g.output(g.add("Reshape", [x, g.add("Concat", [g.int64([24]), batch], { axis: 0 })], {}, "moved"));
  const folded = foldShapes.apply(g.build());
  expect(targetOf(folded, "kept")).toEqual([0, 2, 12]);
  expect(targetOf(folded, "moved")).toEqual([24, -1]);
});

test("a chain of reshapings is one Reshape", () => {
  const g = new GraphBuilder("chain");
  const x = g.input("x", ["batch", 6, 4]);
  const flat = g.add("Flatten", [g.add("Unsqueeze", [x, g.int64([1])])]);
  g.output(g.reshape(flat, [-1, 3, 8], "y"));
  const folded = foldShapes.apply(g.build());
  expect(folded.nodes.at(-1)?.inputs[0]).toBe("x");
  expect(targetOf(folded, "y")).toEqual([0, 3, 8]);
});

test("two unknown dimensions, or an empty one, cannot be written down", () => {
  expect(reshapeTarget(["batch", "tokens"], ["tokens", "batch"])).toBeNull();
  expect(reshapeTarget(["batch", 0], ["batch", 0, 4])).toBeNull();
  expect(reshapeTarget(["batch", "tokens", 4], ["batch", "tokens", 2, 2])).toEqual([0, 0, 2, 2]);
  expect(reshapeTarget(["batch", null], ["batch", null])).toEqual([0, -1]);
});
