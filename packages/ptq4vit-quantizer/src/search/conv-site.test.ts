import { bits } from "@quee/core";
import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { randomStream } from "@quee/tensor";
import type { Site } from "@quee/vit-blocks";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CapturedSite } from "../capture/capture-sites.js";
import { siteOfCapture } from "../capture/site-of-capture.js";
import { fakeQuantizeGraph } from "../fake-quantize-graph.js";
import { ptq4vitEncodings } from "../ptq4vit-encodings.js";
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

test("in a network a convolution is encoded by its weight alone, one step per output channel", async () => {
  const builder = new GraphBuilder("patches and a head");
  const conv = [
    builder.input("pixels", ["batch", 3, 4, 4]),
    builder.tensor("weight", [6, 3, 2, 2], floats(72)),
    builder.tensor("bias", [6], floats(6)),
  ];
  builder.add("Conv", conv, { strides: [2, 2] }, "map");
  builder.reshape("map", [0, 24], "flat");
  builder.output(builder.matMul("flat", builder.tensor("head", [24, 4], floats(96)), "logits"), ["batch", 4]);
  const graph = builder.build();
  const common = { layer: null, groups: 1, postGelu: false, postSoftmax: false } as const;
  const nodeOf = (output: string) => graph.nodes.find(({ outputs }) => outputs[0] === output)?.name ?? "";
  const sites: readonly Site[] = [
    {
      ...{
        ...common,
        node: nodeOf("map"),
        kind: "conv",
        role: "patch-embedding",
        activations: ["pixels"],
        output: "map",
      },
      ...{ weight: "weight", weightLayout: "out-in", bias: "bias" },
    },
    {
      ...{ ...common, node: nodeOf("logits"), kind: "linear", role: "head", activations: ["flat"], output: "logits" },
      ...{ weight: "head", weightLayout: "in-out", bias: null },
    },
  ];
  const images = { shape: [10, 3, 4, 4], data: floats(480) };
  const levels = [8, 3].map((width) => bits(width));
  const found = await ptq4vitEncodings({
    ...{ blocks: [{ graph, sites }], batches: () => [images], bitWidths: levels, stem: "levels" },
  });
  const run = async (model: Graph) => {
    const session = await openSession(model);
    const { logits } = await session.run({ pixels: images });
    await session.release();
    return logits.data as Float32Array;
  };
  const float = await run(graph);
  const errors: number[] = [];
  for (const encodings of found.blocks[0]) {
    const [{ operands }] = encodings.sites;
    expect(operands.map(({ value, axis, scales }) => [value, axis, scales.length])).toEqual([["weight", 0, 6]]);
    const got = await run(fakeQuantizeGraph(graph, encodings));
    errors.push(got.reduce((sum, y, i) => sum + (y - float[i]) ** 2, 0) / float.reduce((sum, y) => sum + y ** 2, 0));
  }
  expect(errors[0]).toBeLessThan(1e-3);
  expect(errors[1]).toBeGreaterThan(10 * errors[0]);
  expect(found.notes).toEqual([]);
});
