import { test as property } from "@fast-check/vitest";
import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.js";
import { cleanGraph } from "./clean-graph.js";
import type { Dim, Graph } from "./graph.js";
import { inferShapes } from "./infer-shapes.js";
import { interpret, opsOf, ramp } from "./interpret.test.support.js";
import { batch, randomGraphs } from "./random-graphs.test.support.js";
import { verifyGraph } from "./verify-graph.js";

/** What a symbolic dimension is at the batch of the test: "6*batch". */
function sizeAt(dim: Dim): number | null {
  if (typeof dim !== "string") return dim;
  return dim.split("*").reduce((size, part) => size * (part === "batch" ? batch : Number(part)), 1);
}

property.prop([randomGraphs])("inferred types are those of the evaluated values", ({ graph, feeds }) => {
  const types = inferShapes(graph);
  for (const [name, value] of interpret(graph, feeds)) {
    const type = types.get(name);
    expect(type?.dtype, name).toBe(value.dtype);
    expect(type?.shape?.length, name).toBe(value.dims.length);
    for (const [axis, dim] of type?.shape?.entries() ?? []) {
      if (dim !== null) expect(sizeAt(dim), `${name}, axis ${axis}`).toBe(value.dims[axis]);
    }
  }
});

property.prop([randomGraphs])("cleaning keeps the outputs and never adds operators", ({ graph, feeds }) => {
  const clean = cleanGraph(graph);
  verifyGraph(clean);
  expect(clean.inputs).toEqual(graph.inputs);
  expect(clean.outputs).toEqual(graph.outputs);
  const [before, after] = [interpret(graph, feeds), interpret(clean, feeds)];
  for (const { name } of graph.outputs) {
    const [expected, actual] = [before.get(name), after.get(name)];
    expect(actual?.dims).toEqual(expected?.dims);
    expectAllclose(actual?.data as Float32Array, expected?.data as Float32Array, { rtol: 1e-5, atol: 1e-5 });
  }
  expect(clean.nodes.length).toBeLessThanOrEqual(graph.nodes.length);
});

property.prop([randomGraphs])("cleaning is idempotent", ({ graph }) => {
  const clean = cleanGraph(graph);
  expect(cleanGraph(clean)).toBe(clean);
});

/** Attention as PyTorch exports it: heads by Reshape and Transpose, sizes by Shape. */
function exportedAttention(): Graph {
  const g = new GraphBuilder("attention");
  const x = g.input("x", ["batch", 5, 12]);
  const index = (value: number) => {
    const data = BigInt64Array.of(BigInt(value));
    return g.add("Constant", [], { value: { dtype: "int64", dims: [], data } });
  };
  const size = (axis: number) => g.add("Gather", [g.add("Shape", [x]), index(axis)], { axis: 0 });
  const listed = (value: string) => g.add("Unsqueeze", [value, g.int64([0])]);
  const headWidth = g.add("Cast", [g.add("Div", [size(2), index(3)])], { to: 7 });
  const split = [listed(size(0)), listed(size(1)), g.int64([3]), g.int64([3]), listed(headWidth)];
  const qkv = g.matMul(x, g.initializer("w", ramp(12, 36)));
  const heads = g.transpose(g.add("Reshape", [qkv, g.add("Concat", split, { axis: 0 })]), [2, 0, 3, 1, 4]);
  const [q, k, v] = [0, 1, 2].map((part) => g.add("Gather", [heads, index(part)], { axis: 0 }));
  const scores = g.times(g.matMul(q, g.transpose(k, [0, 1, 3, 2])), g.scalar(0.5));
  const context = g.transpose(g.matMul(g.softmax(scores), v), [0, 2, 1, 3]);
  const joined = [listed(size(0)), listed(size(1)), listed(size(2))];
  g.add("Reshape", [context, g.add("Concat", joined, { axis: 0 })], {}, "y");
  g.output("y", ["batch", 5, 12]);
  return g.build();
}

test("exported attention keeps its batch dynamic without a Shape", () => {
  const graph = exportedAttention();
  const clean = cleanGraph(graph);
  expect(opsOf(clean).toSorted()).toEqual(
    ["MatMul", "Reshape", "Transpose", "Gather", "Gather", "Gather", "Transpose", "MatMul", "Mul", "Softmax", "MatMul"]
      .concat("Transpose", "Reshape")
      .toSorted(),
  );
  for (const size of [1, 4]) {
    const feeds = new Map([["x", ramp(size, 5, 12)]]);
    const [before, after] = [interpret(graph, feeds).get("y"), interpret(clean, feeds).get("y")];
    expect(after?.dims).toEqual([size, 5, 12]);
    expect(after?.data).toEqual(before?.data);
  }
});

test("operators that the library does not know survive untouched, with what they read", () => {
  const g = new GraphBuilder("foreign");
  const x = g.input("x", ["batch", 4]);
  const y = g.add("acme:Frobnicate", [g.add("Identity", [x]), g.add("Constant", [], { value: ramp(4) }, "c")], {
    k: 3,
  });
  g.output(g.add("Reshape", [y, g.add("Shape", [y])], {}, "z"));
  const clean = cleanGraph(g.build());
  expect(clean.nodes.map(({ op, domain, inputs }) => [domain, op, ...inputs])).toEqual([
    ["acme", "Frobnicate", "x", "c"],
    ["", "Shape", y],
    ["", "Reshape", y, "shape"],
  ]);
});

test("an Einsum that has no other form stays, and cleaning still ends", () => {
  const g = new GraphBuilder("outer");
  g.output(g.add("Einsum", [g.input("a", ["batch", 3, 5]), g.input("b", [6, 4])], { equation: "bti,ms->btms" }, "y"));
  expect(cleanGraph(g.build())).toEqual(g.build());
});

test("the operators of an exported GELU stay in place", () => {
  const g = new GraphBuilder("gelu");
  const x = g.input("x", ["batch", 4]);
  const cdf = g.plus(g.add("Erf", [g.over(x, g.scalar(Math.SQRT2))]), g.scalar(1));
  g.output(g.times(g.times(x, cdf), g.scalar(0.5), "y"));
  expect(opsOf(cleanGraph(g.build()))).toEqual(["Div", "Erf", "Add", "Mul", "Mul"]);
});
