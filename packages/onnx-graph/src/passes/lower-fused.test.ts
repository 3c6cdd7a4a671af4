import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { float, GraphBuilder } from "../builder.js";
import { inferShapes } from "../infer-shapes.js";
import { interpret, opsOf, ramp } from "../interpret.test.support.js";
import { lowerFused } from "./lower-fused.js";

const x = ramp(2, 3);
const pixels = x.data as Float32Array;
const bias = Float32Array.of(0.25, -0.5, 1);
const tanhForm = (v: number) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
const sigmoidForm = (alpha: number) => (v: number) => v / (1 + Math.exp(-alpha * v));

test.each<[string, boolean, (v: number) => number, number]>([
  // The erf form differs from the tanh form by less than 5e-4.
  ["BiasGelu", true, tanhForm, 5e-4],
  ["FastGelu", true, tanhForm, 1e-6],
  ["FastGelu", false, tanhForm, 1e-6],
  ["QuickGelu", false, sigmoidForm(1.5), 1e-6],
])("%s (with bias: %s) is plain operators of the same value", (op, hasBias, formula, atol) => {
  const g = new GraphBuilder("gelu");
  const inputs = [g.input("x", ["batch", 3]), ...(hasBias ? [g.tensor("b", [3], bias)] : [])];
  g.output(g.add(`com.microsoft:${op}`, inputs, op === "QuickGelu" ? { alpha: float(1.5) } : {}, "y"));
  const lowered = lowerFused.apply(g.build());
  expect(lowered.nodes.every(({ domain }) => domain === "")).toBe(true);
  const expected = Array.from(pixels, (value, i) => formula(value + (hasBias ? (bias[i % 3] as number) : 0)));
  expectAllclose(interpret(lowered, new Map([["x", x]])).get("y")?.data as Float32Array, expected, { rtol: 0, atol });
});

test("SkipLayerNormalization is a sum that others may read, and its norm", () => {
  const g = new GraphBuilder("skip");
  const inputs = [g.input("x", ["batch", 3]), g.input("skip", ["batch", 3]), g.initializer("w", ramp(3)), ""];
  g.addMany(
    "com.microsoft:SkipLayerNormalization",
    [...inputs, g.tensor("b", [3], bias)],
    1,
    { epsilon: float(1e-6) },
    ["y"],
  );
  g.output("y");
  const graph = g.build();
  const withSum = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, outputs: ["y", "", "", "sum"] })) };
  const lowered = lowerFused.apply({
    ...withSum,
    outputs: [...graph.outputs, { name: "sum", dtype: "float32", shape: null }],
  });
  expect(opsOf(lowered)).toEqual(["Add", "Add", "LayerNormalization"]);
  expect(lowered.nodes[2]?.inputs).toEqual(["sum", "w"]);
  const upToSum = { ...lowered, nodes: lowered.nodes.slice(0, 2) };
  const sum = interpret(
    upToSum,
    new Map([
      ["x", x],
      ["skip", x],
    ]),
  ).get("sum");
  expectAllclose(
    sum?.data as Float32Array,
    Array.from(pixels, (v, i) => 2 * v + (bias[i % 3] as number)),
  );
});

test("a global average pool is a mean over the places", () => {
  const g = new GraphBuilder("pool");
  g.output(g.add("GlobalAveragePool", [g.input("x", ["batch", 2, 3])], {}, "y"));
  const lowered = lowerFused.apply(g.build());
  expect(inferShapes(lowered).get("y")?.shape).toEqual(["batch", 2, 1]);
  const means = interpret(lowered, new Map([["x", { ...x, dims: [1, 2, 3] }]])).get("y");
  expectAllclose(
    means?.data as Float32Array,
    [0, 3].map((i) => pixels.slice(i, i + 3).reduce((sum, v) => sum + v, 0) / 3),
    { atol: 1e-7 },
  );
});
