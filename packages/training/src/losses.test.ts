import { GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import type { Tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { crossEntropy, meanSquaredError } from "./losses.js";
import { oneHot } from "./rows.js";

async function lossOf(
  write: (builder: GraphBuilder, a: string, b: string) => string,
  a: Tensor,
  b: Tensor,
): Promise<{ loss: number; shape: readonly number[] }> {
  const builder = new GraphBuilder("loss");
  const dims = a.shape.map((_, axis) => `axis${axis}`);
  builder.output(write(builder, builder.input("a", dims), builder.input("b", dims)));
  const session = await openSession(builder.build());
  const { loss } = await session.run({ a, b });
  await session.release();
  return { loss: loss.data[0], shape: loss.shape };
}

const logits: Tensor = { shape: [2, 3], data: Float32Array.of(1, 2, 0.5, -1, 0, 3) };
const logSum = (row: readonly number[]) => Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
const surprise = [logSum([1, 2, 0.5]) - 0.5, logSum([-1, 0, 3]) - -1];

test("cross-entropy is the mean surprise about the true classes", async () => {
  const { loss, shape } = await lossOf(crossEntropy, logits, oneHot([2, 0], 3));
  expectAllclose([loss], [(surprise[0] + surprise[1]) / 2], { rtol: 1e-6 });
  expect(shape).toEqual([]);
});

test("label smoothing is cross-entropy against smoothed targets", async () => {
  const smooth = Float32Array.from(oneHot([2, 0], 3).data, (target) => 0.8 * target + 0.2 / 3);
  const expected = await lossOf(crossEntropy, logits, { shape: [2, 3], data: smooth });
  const { loss } = await lossOf(
    (builder, a, b) => crossEntropy(builder, a, b, { labelSmoothing: 0.2 }),
    logits,
    oneHot([2, 0], 3),
  );
  expectAllclose([loss], [expected.loss], { rtol: 1e-6 });
});

test("cross-entropy of logits in the thousands is finite", async () => {
  const large = { shape: [1, 2], data: Float32Array.of(5000, -5000) };
  expect((await lossOf(crossEntropy, large, oneHot([1], 2))).loss).toBe(10_000);
});

test("mean squared error is the mean over all elements", async () => {
  const [a, b] = [Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(1, 0, 3, 4, 5, 3)];
  const { loss, shape } = await lossOf(meanSquaredError, { shape: [2, 3], data: a }, { shape: [2, 3], data: b });
  expectAllclose([loss], [13 / 6], { rtol: 1e-6 });
  expect(shape).toEqual([]);
});
