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
  ["a row for every token", ["Add"], (g, x) => g.plus(x, g.initializer("table", ramp(3, 1, 4)))],
  ["a residual branch", ["Relu", "Add"], (g, x) => g.plus(g.add("Relu", [x]), x)],
  ["a slice of features", ["Slice"], (g, x) => g.slice(x, 2, 1, 3)],
])("the transposes around %s cancel", (_, ops, write) => {
  const graph = around(write);
  const clean = cleanGraph(graph);
  expect(opsOf(clean)).toEqual(ops);
  const feeds = new Map([["x", ramp(2, 3, 4)]]);
  expect(interpret(clean, feeds).get("y")).toEqual(interpret(graph, feeds).get("y"));
});

test.each<[string, ReturnType<typeof around>]>([
  ["a table for every token and image", around((g, x) => g.plus(x, g.initializer("table", ramp(3, 2, 4))))],
  ["a slice of tokens", around((g, x) => g.slice(x, 0, 0, 2))],
  ["another transpose", around((g, x) => g.times(x, g.scalar(3)), [2, 1, 0])],
])("%s keeps its place", (_, graph) => {
  expect(sinkTransposes.apply(graph)).toBe(graph);
});

test("tokens that a convolution's map is turned into go the same way, but for those who need them first", () => {
  const g = new GraphBuilder("map");
  const first = g.transpose(g.input("x", ["batch", 4, 3]), [2, 0, 1]);
  g.output(g.transpose(g.plus(first, g.initializer("positions", ramp(3, 1, 4))), [1, 0, 2], "y"));
  g.output(g.slice(first, 0, 1, 3, "some"));
  const graph = g.build();
  const clean = cleanGraph(graph);
  expect(opsOf(clean)).toEqual(["Transpose", "Transpose", "Add", "Slice"]);
  expect(cleanGraph(clean)).toBe(clean);
  const feeds = new Map([["x", ramp(2, 4, 3)]]);
  for (const name of ["y", "some"])
    expect(interpret(clean, feeds).get(name)).toEqual(interpret(graph, feeds).get(name));
});

test.each<[string, string, (g: GraphBuilder, tokens: string) => string]>([
  [
    "the choice of a token",
    "Gather",
    (g, x) => {
      const index = g.initializer("index", { dtype: "int64", dims: [], data: BigInt64Array.of(1n) });
      return g.add("Gather", [g.times(x, g.scalar(2)), index], { axis: 0 });
    },
  ],
  ["a mean of tokens", "ReduceMean", (g, x) => g.reduceMean(g.times(x, g.scalar(2)), [0], false)],
])("%s takes the tokens from behind the batch", (_, op, write) => {
  const g = new GraphBuilder("pooled");
  const x = g.input("x", ["batch", 3, 4]);
  const y = write(g, g.transpose(x, [1, 0, 2]));
  g.output(y);
  const graph = g.build();
  const clean = cleanGraph(graph);
  expect(opsOf(clean)).toEqual(["Mul", op]);
  const feeds = new Map([["x", ramp(2, 3, 4)]]);
  expect(interpret(clean, feeds).get(y)).toEqual(interpret(graph, feeds).get(y));
});
