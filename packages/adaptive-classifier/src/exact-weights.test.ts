import { constant, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { randomStream } from "@quee/tensor";
import { expect, test } from "vitest";
import { withExactWeights } from "./exact-weights.js";

const [rows, inner, columns] = [3, 16, 5];

/** x quantized, times codes of a weight, plus a bias. */
function integerLayer(largest: number): Graph {
  const random = randomStream(3, "codes");
  const graph = new GraphBuilder("layer");
  const codes = Int8Array.from({ length: inner * columns }, () => Math.floor((2 * random.uniform() - 1) * largest));
  codes[0] = -largest;
  graph.initializer("w", { dtype: "int8", dims: [inner, columns], data: codes });
  graph.initializer("w_steps", constant([columns], new Float32Array(columns).fill(0.01)));
  graph.initializer("x_step", constant([], Float32Array.of(0.02)));
  graph.initializer("x_zero", { dtype: "uint8", dims: [], data: Uint8Array.of(128) });
  graph.initializer("bias", constant([columns], Float32Array.of(1, 2, 3, 4, 5)));
  const x = graph.input("x", ["rows", inner]);
  const quantized = graph.add("QuantizeLinear", [x, "x_step", "x_zero"]);
  const inputs = [quantized, "w", "x_step", "w_steps", "x_zero", "", "bias"];
  graph.output(graph.add("com.microsoft:MatMulIntegerToFloat", inputs, {}, "y"), ["rows", columns]);
  return graph.build();
}

async function resultOf(graph: Graph): Promise<Float32Array> {
  const session = await openSession(graph);
  try {
    const random = randomStream(5, "x");
    const data = Float32Array.from({ length: rows * inner }, random.normal);
    return (await session.run({ x: { shape: [rows, inner], data } }))["y"]?.data as Float32Array;
  } finally {
    await session.release();
  }
}

test("weights that could saturate become uint8, and nothing else changes", async () => {
  const graph = integerLayer(127);
  const exact = withExactWeights(graph);
  expect([...exact.initializers].map(([, { dtype }]) => dtype)).not.toContain("int8");
  expect(await resultOf(exact)).toEqual(await resultOf(graph));
});

test("weights of fewer bits stay as they are", () => {
  const graph = integerLayer(64);
  expect(withExactWeights(graph)).toEqual(graph);
});
