import { bits } from "@quee/core";
import { GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { randomStream } from "@quee/tensor";
import type { Site } from "@quee/vit-blocks";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CapturedSite } from "../capture/capture-sites.js";
import { siteOfCapture } from "../capture/site-of-capture.js";
import { uniform } from "../quantizers/uniform-quantizer.js";
import { linearSite } from "./linear-site.js";
import { squaredError } from "./metric.js";
import { lossesPlainly } from "./minimize-plainly.js";
import { type Multiplier, openMultiplier } from "./multiplier.js";
import { searchScales, searchScalesPlainly } from "./search-scales.js";

const random = randomStream(21, "convolutions");
const floats = (count: number) => Float32Array.from({ length: count }, () => random.normal());

let multiplier: Multiplier;
beforeAll(async () => {
  multiplier = await openMultiplier();
});
afterAll(() => multiplier.release());

type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

/** A convolution of 3 images with 4 channels of 7×6, run by onnxruntime; the gradient is drawn. */
async function captured(kernel: readonly [number, number], attributes: Attributes = {}, groups = 1) {
  const [outputs, channels] = [6, 4];
  const weight = floats((outputs * channels * kernel[0] * kernel[1]) / groups);
  const bias = floats(outputs);
  const builder = new GraphBuilder("convolution");
  const inputs = [
    builder.input("pixels", ["batch", channels, 7, 6]),
    builder.tensor("weight", [outputs, channels / groups, ...kernel], weight),
    builder.tensor("bias", [outputs], bias),
  ];
  builder.output(builder.add("Conv", inputs, { ...attributes, group: groups }, "map"), ["batch", outputs, null, null]);
  const graph = builder.build();
  const session = await openSession(graph);
  const pixels = { shape: [3, channels, 7, 6], data: floats(3 * channels * 42) };
  const output = (await session.run({ pixels }))["map"];
  await session.release();
  const node = graph.nodes[0].name;
  const site: Site = {
    ...{ node, kind: "conv", role: "patch-embedding", layer: null, activations: ["pixels"], output: "map" },
    ...{ weight: "weight", weightLayout: "out-in", bias: "bias", groups: 1, postGelu: false, postSoftmax: false },
  };
  const capture: CapturedSite = {
    block: 0,
    site,
    inputs: [pixels],
    output,
    gradient: { shape: output.shape, data: floats(output.data.length) },
  };
  return { graph, capture, weight, bias, pixels, output };
}

test.each([
  ["patches", [3, 3], { strides: [3, 3] }, 1],
  ["overlapping windows with padding", [3, 2], { strides: [2, 1], pads: [1, 0, 2, 1] }, 1],
  ["holes", [2, 2], { dilations: [2, 3] }, 1],
  ["padding to the same size, the odd row after", [3, 2], { auto_pad: "SAME_UPPER", strides: [2, 2] }, 1],
  ["padding to the same size, the odd row before", [2, 4], { auto_pad: "SAME_LOWER" }, 1],
  ["no padding", [3, 3], { auto_pad: "VALID" }, 1],
  ["groups of channels", [3, 3], {}, 2],
] as const)(
  "the windows times the weight are what the convolution gives: %s",
  async (_, kernel, attributes, groups) => {
    const { graph, capture } = await captured(kernel, attributes, groups);
    const { whole } = siteOfCapture(graph, capture, uniform);
    // With a weight that is not rounded nothing differs.
    const unrounded = { ...uniform, roundInto: (out: Float32Array, values: Float32Array) => out.set(values) };
    const [loss] = lossesPlainly(squaredError, {
      ...{
        products: whole,
        side: "right",
        other: whole.left,
        candidates: Float32Array.of(1),
        bits: bits(8),
        cell: null,
      },
      operand: { data: whole.right, quantizer: unrounded, ranges: [], isShared: false },
    });
    expect(loss / whole.target.reduce((sum, y) => sum + y * y, 0)).toBeLessThan(1e-12);
  },
);

test("a patch embedding gets the scales of the linear layer that it is, its input in float", async () => {
  const { graph, capture, weight, bias, pixels, output } = await captured([3, 3], { strides: [3, 3] });
  const width = bits(4);
  const found = await searchScales(siteOfCapture(graph, capture, uniform), width, { multiplier });
  // The same layer by hand: [N, 4, 2·3, 2·3] → [N·2·2, 4·3·3].
  const [rows, columns] = [2, 2];
  const input = new Float32Array(3 * rows * columns * 36);
  const turned = (values: Float32Array) =>
    values.map((_, i) => {
      const [p, place] = [i % 6, Math.floor(i / 6)];
      return values[(Math.floor(place / 4) * 6 + p) * 4 + (place % 4)];
    });
  for (let i = 0; i < input.length; i++) {
    const [k, place] = [i % 36, Math.floor(i / 36)];
    const [n, row, column] = [Math.floor(place / 4), Math.floor((place % 4) / 2), place % 2];
    const [c, y, x] = [Math.floor(k / 9), row * 3 + (Math.floor(k / 3) % 3), column * 3 + (k % 3)];
    input[i] = pixels.data[((n * 4 + c) * 7 + y) * 6 + x];
  }
  const linear = linearSite({
    ...{ name: "by hand", input, weight, bias, outputs: 6, groups: 6, inputQuantizer: uniform },
    output: turned(output.data).map((y, i) => y - bias[i % 6]),
    gradient: turned(capture.gradient.data),
  });
  const expected = await searchScalesPlainly({ ...linear, steps: [{ side: "right", given: "float" }] }, width);
  expect(found.right).toEqual(expected.right);
  expect(found.right.indices).not.toContain(null);
  expect(new Set(found.right.indices).size).toBeGreaterThan(1);
});
