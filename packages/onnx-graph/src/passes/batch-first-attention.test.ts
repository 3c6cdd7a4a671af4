import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import { cleanGraph } from "../clean-graph.js";
import type { Graph } from "../graph.js";
import { inferShapes } from "../infer-shapes.js";
import { interpret, opsOf, ramp } from "../interpret.test.support.js";
import { batchFirstAttention } from "./batch-first-attention.js";
import { removeDeadCode } from "./remove-dead-code.js";

const [T, D, HEADS] = [3, 4, 2];

/** nn.MultiheadAttention in evaluation: tokens first, batch and heads as one axis, and a scale on the queries. */
function multiheadAttention({ mask = false } = {}): Graph {
  const g = new GraphBuilder("nn.MultiheadAttention");
  const x = g.input("x", ["batch", T, D]);
  const stacked = g.plus(
    g.matMul(g.transpose(x, [1, 0, 2]), g.initializer("w", ramp(D, 3 * D))),
    g.initializer("b", ramp(3 * D)),
  );
  const parts = g.addMany("Split", [stacked, g.int64([D, D, D])], 3, { axis: -1 });
  const heads = (part: number) => g.transpose(g.reshape(parts[part] as string, [T, -1, D / HEADS]), [1, 0, 2]);
  const queries = g.over(heads(0), g.scalar(Math.SQRT2));
  const scores = g.matMul(queries, g.transpose(heads(1), [0, 2, 1]));
  const weights = g.softmax(mask ? g.plus(scores, g.initializer("mask", ramp(T, T))) : scores);
  const context = g.reshape(g.transpose(g.matMul(weights, heads(2)), [1, 0, 2]), [T, -1, D]);
  g.output(g.transpose(g.matMul(context, g.initializer("p", ramp(D, D))), [1, 0, 2], "y"), ["batch", T, D]);
  return g.build();
}

test("cleaned, every value of nn.MultiheadAttention has the batch in front, and the same numbers come out", () => {
  const graph = multiheadAttention();
  const clean = cleanGraph(graph);
  const shapes = inferShapes(clean);
  for (const node of clean.nodes) expect(shapes.get(node.outputs[0] as string)?.shape?.[0], node.op).toBe("batch");
  expect(shapes.get(clean.nodes.find(({ op }) => op === "Softmax")?.outputs[0] as string)?.shape).toEqual([
    "batch",
    HEADS,
    T,
    T,
  ]);
  for (const batch of [1, 5]) {
    const feeds = new Map([["x", ramp(batch, T, D)]]);
    const [before, after] = [interpret(graph, feeds).get("y"), interpret(clean, feeds).get("y")];
    expect(after?.dims).toEqual([batch, T, D]);
    expectAllclose(after?.data as Float32Array, before?.data as Float32Array, { rtol: 1e-5, atol: 1e-6 });
  }
});

test("the pass alone gives four axes to scores and context, and is done then", () => {
  const once = removeDeadCode.apply(batchFirstAttention.apply(multiheadAttention()));
  const shapes = inferShapes(once);
  const products = once.nodes
    .filter(({ op }) => op === "MatMul")
    .map(({ outputs }) => shapes.get(outputs[0] as string));
  expect(products.map((type) => type?.shape?.length)).toEqual([3, 4, 4, 3]);
  expect(batchFirstAttention.apply(once)).toBe(once);
});

test("a mask between scores and softmax is not understood: the layout stays", () => {
  const graph = multiheadAttention({ mask: true });
  expect(batchFirstAttention.apply(graph)).toBe(graph);
  expect(opsOf(cleanGraph(graph))).toContain("Softmax");
});
