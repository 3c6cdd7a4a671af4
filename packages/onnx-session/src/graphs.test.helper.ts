import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { randomStream, type Tensor } from "@quee/tensor";

/** y = x·w (+ nothing): x [batch, width] → y [batch, width], w seeded. */
export function matMulGraph(width: number, seed: number): Graph {
  const random = randomStream(seed, "weights");
  const builder = new GraphBuilder(`matmul-${seed}`);
  builder.input("x", ["batch", width]);
  const weights = Float32Array.from({ length: width * width }, () => random.normal() / Math.sqrt(width));
  builder.matMul("x", builder.tensor("w", [width, width], weights), "y");
  builder.output("y", ["batch", width]);
  return builder.build();
}

/** y = x + amount. */
export function plusGraph(amount: number): Graph {
  const builder = new GraphBuilder(`plus-${amount}`);
  builder.input("x", ["batch", 1]);
  builder.plus("x", builder.scalar(amount), "y");
  builder.output("y", ["batch", 1]);
  return builder.build();
}

export function column(...values: number[]): Tensor {
  return { shape: [values.length, 1], data: Float32Array.from(values) };
}

export function randomBatch(rows: number, width: number, seed: number): Tensor {
  const random = randomStream(seed, "batch");
  return { shape: [rows, width], data: Float32Array.from({ length: rows * width }, () => random.normal()) };
}
