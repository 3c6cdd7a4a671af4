import { bits } from "@quee/core";
import { type Graph, GraphBuilder, verifyGraph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { randomStream, type Tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import type { Site } from "@quee/vit-blocks";
import { expect, test } from "vitest";
import { calibrateBlocks } from "./calibrate-blocks.js";
import { fakeQuantizeGraph } from "./fake-quantize-graph.js";
import { minMaxEncodings } from "./min-max-encodings.js";
import { fakeQuantizeUniform, largestMagnitude, minMaxScale } from "./quantizers/uniform-quantizer.js";

const random = randomStream(11, "quantizer tests");
const floats = (count: number, scale = 1) => Float32Array.from({ length: count }, () => scale * random.normal());

/** y = x·W + b with W of three stacked parts, then z = y·yᵀ. */
function network() {
  const builder = new GraphBuilder("small");
  const weight = floats(4 * 6);
  // The middle part is ten times as large: one step for all would serve the others badly.
  for (let row = 0; row < 4; row++) for (let column = 2; column < 4; column++) weight[row * 6 + column] *= 10;
  const bias = floats(6);
  builder.input("hidden_states_in", ["batch", 3, 4]);
  builder.matMul("hidden_states_in", builder.tensor("weight", [4, 6], weight), "product");
  builder.plus("product", builder.tensor("bias", [6], bias), "y");
  builder.matMul("y", builder.transpose("y", [0, 2, 1], "turned"), "hidden_states");
  builder.output("hidden_states", ["batch", 3, 3]);
  return { graph: builder.build(), weight, bias };
}

const common = {
  layer: 1,
  weight: null,
  weightLayout: null,
  bias: null,
  groups: 1,
  postGelu: false,
  postSoftmax: false,
} as const;
const sites: readonly Site[] = [
  {
    ...common,
    node: "product",
    kind: "linear",
    role: "qkv",
    activations: ["hidden_states_in"],
    output: "y",
    weight: "weight",
    weightLayout: "in-out",
    bias: "bias",
    groups: 3,
  },
  {
    ...common,
    node: "hidden_states",
    kind: "matmul",
    role: "scores",
    activations: ["y", "turned"],
    output: "hidden_states",
  },
];

async function run(graph: Graph, x: Tensor): Promise<Float32Array> {
  const session = await openSession(graph);
  const { hidden_states } = await session.run({ hidden_states_in: x });
  await session.release();
  return hidden_states?.data as Float32Array;
}

test("the graph computes what rounding every operand in TypeScript computes, one step per stacked part", async () => {
  const { graph, weight, bias } = network();
  const x: Tensor = { shape: [2, 3, 4], data: floats(24) };
  const [ranges] = await calibrateBlocks({ blocks: [{ graph, sites }], batches: [x] });
  const width = bits(6);
  const quantized = fakeQuantizeGraph(graph, minMaxEncodings(graph, sites, ranges, width));
  verifyGraph(quantized);

  const rounded = (values: Float32Array) =>
    fakeQuantizeUniform(values, minMaxScale(largestMagnitude(values), width, "x"), width);
  const w = new Float32Array(24);
  for (let part = 0; part < 3; part++) {
    const own = Float32Array.from({ length: 8 }, (_, i) => weight[Math.floor(i / 2) * 6 + part * 2 + (i % 2)]);
    for (const [i, value] of rounded(own).entries()) w[Math.floor(i / 2) * 6 + part * 2 + (i % 2)] = value;
  }
  const linear = (values: Float32Array, matrix: Float32Array) =>
    Float32Array.from({ length: 36 }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += values[Math.floor(i / 6) * 4 + k] * matrix[k * 6 + (i % 6)];
      return sum + bias[i % 6];
    });
  // The range of y is that of the float network.
  const scale = minMaxScale(largestMagnitude(linear(x.data, weight)), width, "y");
  const q = fakeQuantizeUniform(linear(rounded(x.data), w), scale, width);
  const expected = Float32Array.from({ length: 18 }, (_, i) => {
    const [image, row, column] = [Math.floor(i / 9), Math.floor((i % 9) / 3), i % 3];
    let sum = 0;
    for (let k = 0; k < 6; k++) sum += q[(image * 3 + row) * 6 + k] * q[(image * 3 + column) * 6 + k];
    return sum;
  });
  expectAllclose(await run(quantized, x), expected, { rtol: 1e-4, atol: 1e-4 });
});

test("names that the graph gives later are not taken before", async () => {
  const { graph } = network();
  const x: Tensor = { shape: [1, 3, 4], data: floats(12) };
  const builder = GraphBuilder.from(graph);
  builder.add("Identity", ["hidden_states"], {}, "hidden_states_in_8bit");
  const crowded = builder.build();
  const [ranges] = await calibrateBlocks({ blocks: [{ graph: crowded, sites }], batches: [x] });
  verifyGraph(fakeQuantizeGraph(crowded, minMaxEncodings(crowded, sites, ranges, bits(8))));
});

test("fewer bits are farther from the float network", async () => {
  const { graph } = network();
  const x: Tensor = { shape: [8, 3, 4], data: floats(96) };
  const [ranges] = await calibrateBlocks({ blocks: [{ graph, sites }], batches: [x] });
  const float = await run(graph, x);
  const errors: number[] = [];
  for (const width of [8, 6, 4, 2]) {
    const got = await run(fakeQuantizeGraph(graph, minMaxEncodings(graph, sites, ranges, bits(width))), x);
    errors.push(got.reduce((sum, value, i) => sum + (value - float[i]) ** 2, 0));
  }
  expect(errors).toEqual([...errors].sort((a, b) => a - b));
  expect(errors[0]).toBeLessThan(errors[3] / 100);
});

test("ranges are those of all batches, whatever their order, and go through blocks in turn", async () => {
  const { graph } = network();
  const small: Tensor = { shape: [1, 3, 4], data: floats(12) };
  const large: Tensor = { shape: [1, 3, 4], data: floats(12, 5) };
  const [forward] = await calibrateBlocks({ blocks: [{ graph, sites }], batches: [small, large] });
  const [backward] = await calibrateBlocks({ blocks: [{ graph, sites }], batches: [large, small] });
  expect(forward).toEqual(backward);
  expect(forward.get("hidden_states_in")).toBe(largestMagnitude(large.data));
});

test("an activation that is not a number is refused by name", async () => {
  const { graph } = network();
  const x: Tensor = { shape: [1, 3, 4], data: floats(12).fill(Number.NaN, 3, 4) };
  const [ranges] = await calibrateBlocks({ blocks: [{ graph, sites }], batches: [x] });
  expect(() => minMaxEncodings(graph, sites, ranges, bits(8))).toThrow(/"hidden_states_in": expected finite values/);
});

test("encodings of another graph are refused", () => {
  const { graph } = network();
  const stray = { bits: bits(8), sites: [{ node: "elsewhere", role: "fc1", operands: [] }] };
  expect(() => fakeQuantizeGraph(graph, stray)).toThrow(/node "elsewhere": expected a node of the graph/);
});
