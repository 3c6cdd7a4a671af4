import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { expect, test } from "vitest";
import { isGelu } from "./gelu.js";
import { indexGraph } from "./graph-index.js";

/** y as a function of x. */
function graphOf(write: (b: GraphBuilder, x: string) => string): { graph: Graph; y: string } {
  const builder = new GraphBuilder("gelu");
  const y = write(builder, builder.input("x", ["batch", 4]));
  builder.output(y);
  return { graph: builder.build(), y };
}

const gate = (b: GraphBuilder, scaled: string) => b.plus(b.add("Erf", [scaled]), b.scalar(1));
/** 1 + tanh(√(2/π)·(x + 0.044715·x³)), the cube by Pow. */
const tanhGate = (b: GraphBuilder, x: string, scale = Math.sqrt(2 / Math.PI)) => {
  const cubic = b.times(b.scalar(0.044715), b.add("Pow", [x, b.scalar(3)]));
  return b.plus(b.scalar(1), b.add("Tanh", [b.times(b.scalar(scale), b.plus(x, cubic))]));
};
const root = (b: GraphBuilder, x: string) => b.over(x, b.scalar(Math.SQRT2));

test.each([
  ["(x·gate)·½", (b: GraphBuilder, x: string) => b.times(b.times(x, gate(b, root(b, x))), b.scalar(0.5))],
  ["(x·½)·gate", (b: GraphBuilder, x: string) => b.times(b.times(x, b.scalar(0.5)), gate(b, root(b, x)))],
  ["½·(gate·x)", (b: GraphBuilder, x: string) => b.times(b.scalar(0.5), b.times(gate(b, root(b, x)), x))],
  [
    "x·√½ inside",
    (b: GraphBuilder, x: string) => b.times(b.times(x, gate(b, b.times(x, b.scalar(Math.SQRT1_2)))), b.scalar(0.5)),
  ],
  ["tanh form", (b: GraphBuilder, x: string) => b.times(b.times(b.scalar(0.5), x), tanhGate(b, x))],
  ["sigmoid form", (b: GraphBuilder, x: string) => b.times(x, b.add("Sigmoid", [b.times(x, b.scalar(1.702))]))],
  ["one operator", (b: GraphBuilder, x: string) => b.add("com.microsoft:FastGelu", [x])],
])("%s is a GELU", (_, write) => {
  const { graph, y } = graphOf(write);
  expect(isGelu(indexGraph(graph), y)).toBe(true);
});

test.each([
  ["without the half", (b: GraphBuilder, x: string) => b.times(x, gate(b, root(b, x)))],
  ["with another scale", (b: GraphBuilder, x: string) => b.times(b.times(x, gate(b, x)), b.scalar(0.5))],
  [
    "of another argument",
    (b: GraphBuilder, x: string) => b.times(b.times(x, gate(b, root(b, b.plus(x, x)))), b.scalar(0.5)),
  ],
  ["a tanh of another scale", (b: GraphBuilder, x: string) => b.times(b.times(b.scalar(0.5), x), tanhGate(b, x, 1))],
  [
    "a tanh of another argument",
    (b: GraphBuilder, x: string) => b.times(b.times(b.scalar(0.5), x), tanhGate(b, b.plus(x, x))),
  ],
  ["a SiLU", (b: GraphBuilder, x: string) => b.times(x, b.add("Sigmoid", [x]))],
])("%s is none", (_, write) => {
  const { graph, y } = graphOf(write);
  expect(isGelu(indexGraph(graph), y)).toBe(false);
});
