import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import { ramp } from "../interpret.test.support.js";
import { foldConstants } from "./fold-constants.js";

test("a chain of operators on constants folds in one pass", () => {
  const g = new GraphBuilder("chain");
  const x = g.input("x", ["batch", 3]);
  const w = g.transpose(g.times(g.initializer("w", ramp(2, 3)), g.scalar(7)), [1, 0], "wT");
  g.output(g.matMul(x, w));
  const folded = foldConstants.apply(g.build());
  expect(folded.nodes.map(({ op }) => op)).toEqual(["MatMul"]);
  expect(folded.initializers.get("wT")).toEqual({
    dtype: "float32",
    dims: [3, 2],
    data: Float32Array.of(-3, 0, -2, 1, -1, 2),
  });
});

test("the width of a tensor with a dynamic batch is a constant, the batch is not", () => {
  const g = new GraphBuilder("sizes");
  const shape = g.add("Shape", [g.input("x", ["batch", 5])]);
  g.output(g.add("Relu", [g.add("Gather", [shape, g.int64([1])], { axis: 0 }, "width")]), null, "int64");
  g.output(g.add("Relu", [g.add("Gather", [shape, g.int64([0])], { axis: 0 }, "count")]), null, "int64");
  const folded = foldConstants.apply(g.build());
  expect(folded.initializers.get("width")?.data).toEqual(BigInt64Array.of(5n));
  expect(folded.initializers.has("count")).toBe(false);
});

test("what would be larger than 16 MiB stays an operator, and so does an initializer that can be fed", () => {
  const g = new GraphBuilder("large");
  g.output(g.add("Relu", [g.add("ConstantOfShape", [g.int64([2 ** 22 + 1])], {}, "large")]));
  const fed = g.input("fed", [1]);
  g.output(g.add("Neg", [fed], {}, "negated"));
  const graph = g.build();
  const folded = foldConstants.apply({
    ...graph,
    initializers: new Map([...graph.initializers, ["fed", ramp(1)]]),
  });
  expect(folded.nodes.map(({ op }) => op)).toEqual(["ConstantOfShape", "Relu", "Neg"]);
});
