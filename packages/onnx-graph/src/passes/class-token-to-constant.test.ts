import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import type { Graph } from "../graph.js";
import { interpret, opsOf, ramp } from "../interpret.test.support.js";
import { classTokenToConstant } from "./class-token-to-constant.js";
import { removeDeadCode } from "./remove-dead-code.js";

/** [token, tokens] or [tokens, token], then the position embedding. */
function exported(first: boolean, position: boolean, tokenDims: readonly number[] = [1, 1, 3]): Graph {
  const g = new GraphBuilder("tokens");
  const x = g.input("x", ["batch", 2, 3]);
  const batch = g.slice(g.add("Shape", [x]), 0, 0, 1);
  const target = g.add("Concat", [batch, g.int64([1, 3])], { axis: 0 });
  const token = g.add("Expand", [g.initializer("token", ramp(...tokenDims)), target]);
  const tokens = g.add("Concat", first ? [token, x] : [x, token], { axis: 1 });
  g.output(position ? g.plus(tokens, g.initializer("position", ramp(1, 3, 3)), "y") : g.add("Relu", [tokens], {}, "y"));
  return g.build();
}

test.each([
  [true, true, ["Pad", "Add"]],
  [false, true, ["Pad", "Add"]],
  [true, false, ["Pad", "Add", "Relu"]],
  [false, false, ["Pad", "Add", "Relu"]],
])("token first: %s, position embedding: %s", (first, position, ops) => {
  const clean = removeDeadCode.apply(classTokenToConstant.apply(exported(first, position)));
  expect(opsOf(clean)).toEqual(ops);
  for (const batch of [1, 4]) {
    const feeds = new Map([["x", ramp(batch, 2, 3)]]);
    expect(interpret(clean, feeds).get("y")).toEqual(interpret(exported(first, position), feeds).get("y"));
  }
});

test("a token that is also spread over its width stays", () => {
  const graph = exported(true, true, [1, 1, 1]);
  expect(classTokenToConstant.apply(graph)).toBe(graph);
});

test("a token that is added to zeros of the batch needs no batch", () => {
  const g = new GraphBuilder("clip");
  const x = g.input("x", ["batch", 2, 3]);
  const batch = g.slice(g.add("Shape", [x]), 0, 0, 1);
  const zeros = g.add("ConstantOfShape", [g.add("Concat", [batch, g.int64([1, 3])], { axis: 0 })]);
  const token = g.plus(g.initializer("token", ramp(3)), zeros);
  g.output(g.plus(g.add("Concat", [token, x], { axis: 1 }), g.initializer("position", ramp(3, 3)), "y"));
  const graph = g.build();
  const clean = removeDeadCode.apply(classTokenToConstant.apply(graph));
  expect(opsOf(clean)).not.toContain("Shape");
  const feeds = new Map([["x", ramp(4, 2, 3)]]);
  expect(interpret(clean, feeds).get("y")).toEqual(interpret(graph, feeds).get("y"));
});

test("tokens exported for a fixed batch are recognised by being the same for every image", () => {
  const exportedFor = (values: readonly number[]) => {
    const g = new GraphBuilder("static");
    const x = g.input("x", [2, 2, 3]);
    const rows = [
      g.tensor("token", [2, 1, 3], Float32Array.from(values)),
      g.tensor("other", [2, 1, 3], Float32Array.of(1, 2, 3, 1, 2, 3)),
    ];
    g.output(g.add("Concat", [...rows, x], { axis: 1 }, "y"));
    return g.build();
  };
  const graph = exportedFor([7, 8, 9, 7, 8, 9]);
  const clean = removeDeadCode.apply(classTokenToConstant.apply(graph));
  expect(opsOf(clean)).toEqual(["Pad", "Add"]);
  const feeds = new Map([["x", ramp(2, 2, 3)]]);
  expect(interpret(clean, feeds).get("y")).toEqual(interpret(graph, feeds).get("y"));
  const different = exportedFor([7, 8, 9, 7, 8, 0]);
  expect(classTokenToConstant.apply(different)).toBe(different);
});
