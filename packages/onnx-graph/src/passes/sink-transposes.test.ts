import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import { cleanGraph } from "../clean-graph.js";
import { interpret, opsOf, ramp } from "../interpret.test.support.js";
import { sinkTransposes } from "./sink-transposes.js";

/** Tokens first, an operator, and back. */
function around(write: (g: GraphBuilder, tokens: string) => string, perm = [1, 0, 2]) {
  const g = new GraphBuilder("around");
  const x = g.input("x", ["batch", 3, 4]);
  g.output(g.transpose(write(g, g.transpose(x, perm)), [1, 0, 2], "y"));
  return g.build();
}

test.each<[string, string[], (g: GraphBuilder, tokens: string) => string]>([
  ["a product", ["MatMul"], (g, x) => g.matMul(x, g.initializer("w", ramp(4, 2)))],
  ["a bias", ["Add"], (g, x) => g.plus(g.initializer("b", ramp(4)), x)],
  ["a scale", ["Mul"], (g, x) => g.times(x, g.scalar(3))],
  ["a slice of features", ["Slice"], (g, x) => g.slice(x, 2, 1, 3)],
])("the transposes around %s cancel", (_, ops, write) => {
  const graph = around(write);
  const clean = cleanGraph(graph);
  expect(opsOf(clean)).toEqual(ops);
  const feeds = new Map([["x", ramp(2, 3, 4)]]);
  expect(interpret(clean, feeds).get("y")).toEqual(interpret(graph, feeds).get("y"));
});

test.each<[string, ReturnType<typeof around>]>([
  ["a table for every token", around((g, x) => g.plus(x, g.initializer("table", ramp(3, 1, 4))))],
  ["a slice of tokens", around((g, x) => g.slice(x, 0, 0, 2))],
  ["another transpose", around((g, x) => g.times(x, g.scalar(3)), [2, 1, 0])],
])("%s keeps its place", (_, graph) => {
  expect(sinkTransposes.apply(graph)).toBe(graph);
});
