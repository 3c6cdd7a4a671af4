import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { float, GraphBuilder } from "../builder.js";
import { cleanGraph } from "../clean-graph.js";
import { constant, type Graph } from "../graph.js";
import { interpret, opsOf, ramp } from "../interpret.test.support.js";
import { foldBatchNorm } from "./fold-batch-norm.js";

const [gamma, beta, mean] = [0.5, -1, 2].map((start) => Float32Array.of(start, start + 1, start - 0.25));
const variance = Float32Array.of(0.3, 1, 2.5);

function batchNorm(g: GraphBuilder, x: string): string {
  const statistics = [gamma, beta, mean, variance].map((data) => g.tensor("bn", [3], data as Float32Array));
  return g.add("BatchNormalization", [x, ...statistics], { epsilon: float(1e-3) });
}

const normed = (x: number, c: number) =>
  ((x - (mean?.[c] as number)) / Math.sqrt((variance[c] as number) + 1e-3)) * (gamma?.[c] as number) +
  (beta?.[c] as number);

function run(graph: Graph, x: ReturnType<typeof ramp>) {
  return interpret(graph, new Map([["x", x]])).get(graph.outputs[0]?.name as string);
}

test("between two transposes of tokens it is a factor and a shift of the last axis", () => {
  const g = new GraphBuilder("tokens");
  const x = g.input("x", ["batch", 5, 3]);
  g.output(g.transpose(batchNorm(g, g.transpose(x, [0, 2, 1])), [0, 2, 1]));
  const clean = cleanGraph(g.build());
  expect(opsOf(clean)).toEqual(["Mul", "Add"]);
  const input = ramp(2, 5, 3);
  expectAllclose(
    run(clean, input)?.data as Float32Array,
    (input.data as Float32Array).map((value, i) => normed(value, i % 3)),
    { rtol: 1e-5, atol: 1e-6 },
  );
});

test("of channels in front it is a factor and a shift per channel", () => {
  const g = new GraphBuilder("maps");
  g.output(batchNorm(g, g.input("x", ["batch", 3, 2, 2])));
  const folded = foldBatchNorm.apply(g.build());
  expect(opsOf(folded)).toEqual(["Mul", "Add"]);
  const input = ramp(2, 3, 2, 2);
  expectAllclose(
    run(folded, input)?.data as Float32Array,
    (input.data as Float32Array).map((value, i) => normed(value, Math.floor(i / 4) % 3)),
    { rtol: 1e-5, atol: 1e-6 },
  );
});

test.each([true, false])("behind a convolution (with bias: %s) it goes into the kernels", (hasBias) => {
  const g = new GraphBuilder("conv");
  const x = g.input("x", ["batch", 2, 3, 3]);
  const kernel = ramp(3, 2, 2, 2).data as Float32Array;
  const bias = Float32Array.of(1, -2, 0.5);
  const inputs = [x, g.tensor("w", [3, 2, 2, 2], kernel), ...(hasBias ? [g.tensor("b", [3], bias)] : [])];
  g.output(batchNorm(g, g.add("Conv", inputs, { kernel_shape: [2, 2] })));
  const folded = foldBatchNorm.apply(g.build());
  expect(opsOf(folded)).toEqual(["Conv"]);
  const [, weight, shift] = folded.nodes[0]?.inputs.map((name) => folded.initializers.get(name)) ?? [];
  // y = Σ w·x + b, so normed(y) at x = 0 is the new bias, and the slope per weight is γ/√(σ² + ε).
  const origins = [0, 1, 2].map((c) => normed(hasBias ? (bias[c] as number) : 0, c));
  expectAllclose(shift?.data as Float32Array, origins, { rtol: 1e-5, atol: 1e-6 });
  const slope = (c: number) => normed(1, c) - normed(0, c);
  expectAllclose(
    weight?.data as Float32Array,
    kernel.map((value, i) => value * slope(Math.floor(i / 8))),
    { rtol: 1e-4, atol: 1e-5 },
  );
});

test("statistics that are computed, or of a graph in training, stay", () => {
  const g = new GraphBuilder("open");
  const x = g.input("x", ["batch", 3]);
  const scale = g.add("Identity", [g.input("scale", [3])]);
  const others = [beta, mean, variance].map((data) => g.tensor("bn", [3], data as Float32Array));
  g.output(g.add("BatchNormalization", [x, scale, ...others]));
  const trained = [...others, g.initializer("one", constant([3], Float32Array.of(1, 1, 1)))];
  g.output(g.add("BatchNormalization", [x, ...trained], { training_mode: 1 }));
  const graph = g.build();
  expect(foldBatchNorm.apply(graph)).toBe(graph);
});
