import { test as propertyTest } from "@fast-check/vitest";
import { type Bits, bits, type Path } from "@quee/core";
import type { LogitAffines } from "@quee/exit-heads";
import { decodeModel, encodeModel } from "@quee/onnx-codec";
import { GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { softmaxRows, type Tensor, tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { correctionOf } from "./head-correction.js";
import { float, type QuantizedBlocks } from "./quantize-blocks.js";

/** A block that is all head: logits are what comes in. */
function head() {
  const builder = new GraphBuilder("head");
  const input = builder.input("pixel_values", ["batch", 3]);
  builder.output(builder.plus(input, builder.scalar(0), "logits"), ["batch", 3]);
  return builder.build();
}

async function logitsOf(model: Uint8Array, pixel_values: Tensor): Promise<Tensor> {
  const session = await openSession(model);
  try {
    return (await session.run({ pixel_values }))["logits"] as Tensor;
  } finally {
    await session.release();
  }
}

const affinesOf = (scale: number, bias: readonly number[]): LogitAffines =>
  new Map([["1@6", { scale: Math.fround(scale), bias: Float32Array.from(bias) }]]);
const six: Path = [bits(6)];
const number = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true });

propertyTest.prop(
  [
    fc.array(fc.tuple(number(30), number(30), number(30)), { minLength: 1, maxLength: 5 }),
    fc.double({ min: 0.2, max: 4, noNaN: true }),
    fc.tuple(number(3), number(3), number(3)),
  ],
  { numRuns: 25 },
)("a table that is corrected as it is read says what the corrected block says, to 1e-5", async (rows, scale, bias) => {
  const correction = correctionOf(affinesOf(scale, bias), { elements: "float32" }, "print");
  const given = tensor([rows.length, 3], Float32Array.from(rows.flat()));
  const block = encodeModel(correction.graph(head(), 1, bits(6)));
  const live = softmaxRows(await logitsOf(block, given)).data;
  const replayed = correction.answers?.(six, softmaxRows(given).data) ?? new Float32Array(0);
  expectAllclose(replayed, live, { rtol: 0, atol: 1e-5 });
});

test("blocks have other keys and fingerprints, and are read corrected; those in full precision are the same", async () => {
  const bytes = encodeModel(head());
  const blocks = {
    ...{ exitCount: 1, classCount: 3, siteCount: 0, fingerprint: "blocks" },
    model: (block: number, level: Bits) => `block-${block}-${level}`,
    read: async () => bytes,
  } satisfies QuantizedBlocks & { fingerprint: string };
  const correction = correctionOf(affinesOf(2, [1, 0, 0]), { elements: "float32" }, "print");
  const corrected = correction.blocks(blocks);
  expect([corrected.fingerprint, corrected.classCount]).toEqual(["blocks print", 3]);
  expect([corrected.model(1, bits(6)), corrected.model(1, float)]).toEqual(["block-1-6/corrected-print", "block-1-32"]);
  const given = tensor([1, 3], Float32Array.of(1, 2, -3));
  expect((await logitsOf(await corrected.read(1, bits(6)), given)).data).toEqual(Float32Array.of(3, 4, -6));
  expect(await corrected.read(1, float)).toEqual(bytes);
  expect(decodeModel(await corrected.read(1, bits(6))).outputs).toEqual(decodeModel(bytes).outputs);
});

test("a zero of a table of halves stands for less than it can hold, and full precision stays", () => {
  const answered = (elements: "float32" | "float16", path: Path) =>
    correctionOf(affinesOf(0.5, [0, 0, 0]), { elements }, "print").answers?.(path, Float32Array.of(1, 0, 0));
  expect(answered("float16", six)?.[1]).toBeCloseTo(2 ** -12.5 / (1 + 2 * 2 ** -12.5), 8);
  expect(answered("float32", six)?.[1]).toBeLessThan(1e-18);
  expect(answered("float32", [float])).toEqual(Float32Array.of(1, 0, 0));
});
