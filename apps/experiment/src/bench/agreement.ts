import type { Graph } from "@quee/onnx-graph";
import { exactWeightType, openSession, type SessionOptions } from "@quee/onnx-session";
import { argmaxRows, type Tensor } from "@quee/tensor";
import type { RunModel } from "../export/run-model.js";
import type { BenchImages } from "./images.js";
import { staticNetwork } from "./static-network.js";

/** Whether integers answer as the rounded floats do that they stand for. The whole network at one level, stem too. */
export interface Agreement {
  readonly bits: number;
  readonly images: number;
  /** Fraction of images with the same answer by integers and by rounded floats. */
  readonly integers: number;
  /** The same of rounded floats in onnxruntime's kernels for graphs that it must not rewrite: what the last bit of a sum alone changes. */
  readonly otherFloats: number;
}

export async function agreementAt(
  opened: RunModel,
  images: BenchImages,
  signal: AbortSignal,
): Promise<readonly Agreement[]> {
  const { full, encodings, correction, model } = opened;
  const { exitCount, levels } = model.gates.space;
  const weights = await exactWeightType();
  const found: Agreement[] = [];
  for (const bits of [...levels].sort((a, b) => b - a)) {
    const answersIn = (arithmetic: "integer" | "fake-quant", options: SessionOptions = {}) => {
      const network = staticNetwork(full.graph, encodings, bits, { arithmetic, weights });
      return answersOf(correction.graph(network, exitCount, bits), images, options, signal);
    };
    const floats = await answersIn("fake-quant");
    const [integers, others] = [
      await answersIn("integer"),
      await answersIn("fake-quant", { optimization: "disabled" }),
    ];
    const equal = (answers: Int32Array) =>
      answers.reduce((sum, answer, i) => sum + (answer === floats[i] ? 1 : 0), 0) / images.count;
    found.push({ bits, images: images.count, integers: equal(integers), otherFloats: equal(others) });
  }
  return found;
}

async function answersOf(
  graph: Graph,
  images: BenchImages,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<Int32Array> {
  const session = await openSession(graph, options);
  const answers = new Int32Array(images.count);
  try {
    for (let from = 0; from < images.count; from += 32) {
      signal.throwIfAborted();
      const { logits } = await session.run({ pixel_values: images.rows(from, Math.min(from + 32, images.count)) });
      answers.set(argmaxRows(logits as Tensor), from);
    }
  } finally {
    await session.release();
  }
  return answers;
}
