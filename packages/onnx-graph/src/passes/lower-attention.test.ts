import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { type AttributeValue, float, GraphBuilder } from "../builder.js";
import type { Graph } from "../graph.js";
import { interpret, opsOf, ramp } from "../interpret.test.support.js";
import { lowerAttention } from "./lower-attention.js";

const [T, D, HEADS] = [3, 4, 2];

/** softmax(Q·Kᵀ·scale)·V per head, by plain loops. All [T, D]. */
function attention(q: Float32Array, k: Float32Array, v: Float32Array, scale: number): number[] {
  const width = D / HEADS;
  return Array.from({ length: T * D }, (_, i) => {
    const [row, column] = [Math.floor(i / D), i % D];
    const head = Math.floor(column / width) * width;
    const dot = (t: number) => {
      let sum = 0;
      for (let d = head; d < head + width; d++) sum += (q[row * D + d] as number) * (k[t * D + d] as number);
      return Math.exp(sum * scale);
    };
    const weights = Array.from({ length: T }, (_, t) => dot(t));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.reduce((sum, weight, t) => sum + (weight / total) * (v[t * D + column] as number), 0);
  });
}

function graphOf(op: string, inputs: (g: GraphBuilder) => string[], attributes: Record<string, AttributeValue>): Graph {
  const g = new GraphBuilder("attention");
  g.opset("", 23);
  g.output(g.add(op, inputs(g), attributes, "y"));
  return g.build();
}

const three = (g: GraphBuilder) => ["q", "k", "v"].map((name) => g.input(name, ["batch", T, D]));
const feeds = new Map(["q", "k", "v"].map((name, i) => [name, { ...ramp(1, T, D), data: values(i) }]));

function values(shift: number): Float32Array {
  return (ramp(1, T, D).data as Float32Array).map((value, i) => Math.sin(7 * value + shift * i));
}

const [q, k, v] = [0, 1, 2].map(values) as [Float32Array, Float32Array, Float32Array];

test.each([
  [{ q_num_heads: HEADS, kv_num_heads: HEADS }, Math.SQRT1_2],
  [{ q_num_heads: HEADS, kv_num_heads: HEADS, scale: float(0.3) }, 0.3],
])("Attention %j is softmax(Q·Kᵀ·scale)·V", (attributes, scale) => {
  const lowered = lowerAttention.apply(graphOf("Attention", three, attributes));
  expect(opsOf(lowered)).not.toContain("Attention");
  expectAllclose(interpret(lowered, feeds).get("y")?.data as Float32Array, attention(q, k, v, scale), { rtol: 1e-5 });
});

test("MultiHeadAttention adds its bias to each of the three", () => {
  const bias = ramp(3 * D);
  const graph = graphOf("com.microsoft:MultiHeadAttention", (g) => [...three(g), g.initializer("bias", bias)], {
    num_heads: HEADS,
  });
  const lowered = lowerAttention.apply(graph);
  const [bq, bk, bv] = [q, k, v].map((x, part) =>
    x.map((value, i) => value + (bias.data[part * D + (i % D)] as number)),
  );
  const expected = attention(bq as Float32Array, bk as Float32Array, bv as Float32Array, Math.SQRT1_2);
  expectAllclose(interpret(lowered, feeds).get("y")?.data as Float32Array, expected, { rtol: 1e-5 });
});

test.each<[string, Record<string, AttributeValue>]>([
  ["causal", { q_num_heads: HEADS, kv_num_heads: HEADS, is_causal: 1 }],
  ["capped", { q_num_heads: HEADS, kv_num_heads: HEADS, softcap: float(2) }],
  ["grouped", { q_num_heads: HEADS, kv_num_heads: 1 }],
])("%s attention stays one operator", (_, attributes) => {
  const graph = graphOf("Attention", three, attributes);
  expect(lowerAttention.apply(graph)).toBe(graph);
});

test("masked attention stays one operator", () => {
  const masked = graphOf("Attention", (g) => [...three(g), g.input("mask", [T, T])], {
    q_num_heads: HEADS,
    kv_num_heads: HEADS,
  });
  expect(lowerAttention.apply(masked)).toBe(masked);
});
