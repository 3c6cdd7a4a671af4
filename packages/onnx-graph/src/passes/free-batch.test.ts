import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import { cleanGraph } from "../clean-graph.js";
import type { Graph } from "../graph.js";
import { inferShapes } from "../infer-shapes.js";
import { interpret, ramp } from "../interpret.test.support.js";
import { freeBatch } from "./free-batch.js";

/** Pixels as tokens that attend to each other with two heads, tokens first, as nn.MultiheadAttention lays them out. */
function tokensFirst(batch: number): Graph {
  const g = new GraphBuilder("tokens first");
  const x = g.input("x", [batch, 4, 3, 2]);
  const tokens = g.transpose(g.reshape(x, [batch, 4, 6]), [2, 0, 1]);
  const heads = g.transpose(g.reshape(tokens, [6, batch * 2, 2]), [1, 0, 2]);
  const weights = g.softmax(g.matMul(heads, g.transpose(heads, [0, 2, 1])));
  const joined = g.reshape(g.transpose(g.matMul(weights, heads), [1, 0, 2]), [6 * batch, 4]);
  const mixed = g.add("Gemm", [joined, g.initializer("w", ramp(4, 4))]);
  g.output(g.transpose(g.reshape(mixed, [6, batch, 4]), [1, 0, 2], "y"), [batch, 6, 4]);
  return g.build();
}

test.each([1, 2])("a network exported for %i images takes any number, and each comes out alike", (exported) => {
  const graph = tokensFirst(exported);
  const freed = freeBatch.apply(graph);
  expect(freed.inputs[0]?.shape).toEqual(["batch", 4, 3, 2]);
  expect(freed.outputs[0]?.shape).toEqual(["batch", 6, 4]);
  expect(inferShapes(freed).get("y")?.shape).toEqual(["batch", 6, 4]);
  const images = ramp(6, 4, 3, 2);
  // Gemm is not interpreted; all else of one image and of six is.
  const upTo = (whole: Graph) => ({ ...whole, nodes: whole.nodes.filter(({ op }) => op !== "Gemm").slice(0, -2) });
  const last = upTo(freed).nodes.at(-1)?.outputs[0] as string;
  const all = interpret(upTo(freed), new Map([["x", images]])).get(last);
  const size = 4 * 3 * 2 * exported;
  const first = { ...images, dims: [exported, 4, 3, 2], data: (images.data as Float32Array).slice(0, size) };
  const one = interpret(upTo(graph), new Map([["x", first]])).get(last);
  expect(one?.dims).toEqual([6 * exported, 4]);
  expect(all?.dims).toEqual([36, 4]);
  for (let token = 0; token < 6; token++) {
    const row = (value: typeof all, images: number) =>
      Array.from(value?.data ?? [], Number).slice(token * images * 4, (token * images + exported) * 4);
    expect(row(all, 6)).toEqual(row(one, exported));
  }
});

test("a network that mixes its images keeps its batch", () => {
  const g = new GraphBuilder("mixing");
  const x = g.input("x", [2, 3, 4, 4]);
  g.output(g.reduceSum(x, [0], true, "y"), [1, 3, 4, 4]);
  expect(freeBatch.apply(g.build())).toEqual(g.build());
});

test("an operator that only fits the exported batch keeps it", () => {
  const g = new GraphBuilder("fixed");
  const x = g.input("x", [2, 3, 4, 4]);
  g.output(g.plus(x, g.initializer("of both", ramp(2, 3, 4, 4)), "y"), [2, 3, 4, 4]);
  expect(freeBatch.apply(g.build())).toEqual(g.build());
});

test("two inputs, or one that is no image, are left alone", () => {
  const g = new GraphBuilder("table");
  g.output(g.reshape(g.input("x", [2, 12]), [2, 3, 4], "y"));
  expect(cleanGraph(g.build()).inputs[0]?.shape).toEqual([2, 12]);
});
