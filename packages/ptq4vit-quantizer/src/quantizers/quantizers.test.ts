import { bits } from "@quee/core";
import { constant, GraphBuilder, scalar, verifyGraph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { expect, test } from "vitest";
import { fakeQuantize } from "./quantizer.js";
import { quantizerOf, quantizers } from "./quantizers.js";

/** Ties, ends of ranges, both signs; two groups of 40. */
const values = Float32Array.from({ length: 80 }, (_, i) => (i % 40 === 39 ? 1 : (i % 40) / 64 - (i < 40 ? 0 : 0.2)));
const range = { magnitude: 1, most: 1 };

test.each(quantizers.map((quantizer) => [quantizer.kind, quantizer] as const))(
  "%s: the operators that it writes give what it computes, bit by bit, one step or one per group",
  async (_, quantizer) => {
    for (const width of [2, 3, 4, 6, 8].map(bits)) {
      const candidates = quantizer.candidates(range, width, "x");
      for (const scales of [[candidates[4]], [candidates[2], candidates[7]]]) {
        const builder = new GraphBuilder(quantizer.kind);
        const x = builder.input("x", [2, 40]);
        const perGroup = (suffix: string, numbers: readonly number[]) =>
          builder.initializer(
            builder.fresh(`x${suffix}`),
            numbers.length === 1 ? scalar(numbers[0]) : constant([numbers.length, 1], Float32Array.from(numbers)),
          );
        const name = (suffix: string) => builder.fresh(`rounded${suffix}`);
        builder.output(quantizer.write({ builder, name, perGroup }, x, scales, width));
        const graph = builder.build();
        verifyGraph(graph);
        const session = await openSession(graph);
        const outputs = await session.run({ x: { shape: [2, 40], data: values } });
        await session.release();
        const expected = Float32Array.of(
          ...fakeQuantize(quantizer, values.subarray(0, 40), scales[0], width),
          ...fakeQuantize(quantizer, values.subarray(40), scales[scales.length - 1], width),
        );
        // Zeros of either sign are one number.
        expect(outputs[graph.outputs[0].name].data.map((v: number) => v + 0)).toEqual(expected.map((v) => v + 0));
      }
    }
  },
);

test("behind a GELU the negative range has its own fixed step, and no value uses both", () => {
  const gelu = quantizerOf("post-gelu");
  const step = gelu.fixedScale(bits(4)) as number;
  expect(step * 8).toBeCloseTo(0.16997124254703522, 8);
  const rounded = fakeQuantize(gelu, Float32Array.of(-0.17, -step, -0.4 * step, 0, 0.3, 99), 0.5, bits(4));
  expect([...rounded].map((x) => x + 0)).toEqual([-8 * step, -step, 0, 0, 0.5, 3.5].map(Math.fround));
});

test("either range of a softmax: fine below the split, coarse from it on; the sum adds the split to large values", () => {
  const [exclusive, sum] = [quantizerOf("post-softmax"), quantizerOf("post-softmax-sum")];
  const fine = 0.125 / 7;
  const x = Float32Array.of(0, 0.02, 0.124, 0.125, 0.5, 1);
  const sevenths = (codes: number) => Math.fround(codes / 7);
  expect([...fakeQuantize(exclusive, x, fine, bits(4))]).toEqual(
    [0, fine, 7 * Math.fround(fine), sevenths(1), sevenths(4), 1].map(Math.fround),
  );
  const large = fakeQuantize(sum, x, fine, bits(4));
  expect(large[5]).toBe(1.125);
});

test("an unknown quantizer is refused by name", () => {
  expect(() => quantizerOf("log2")).toThrow(/expected one of uniform, post-gelu.*got "log2"/);
});
