import { type Bits, bits } from "@quee/core";
import { type Graph, GraphBuilder, verifyGraph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { randomStream, type Tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import type { OperandEncoding, SiteEncoding } from "../encodings.js";
import { fakeQuantizeGraph } from "../fake-quantize-graph.js";
import { inFloatKernels } from "./float-kernels.js";
import { integerGraph } from "./integer-graph.js";
import { packWeights, unpackWeights } from "./packed-weights.js";

const random = randomStream(4, "integer graph");
const floats = (count: number, scale = 1) => Float32Array.from({ length: count }, () => scale * random.normal());
const uniform = (input: number, value: string, scales: number[], axis: number | null = null): OperandEncoding => ({
  input,
  value,
  scales,
  axis,
});
const widths = [8, 7, 6, 4, 2].map(bits);

async function run(graph: Graph, x: Tensor): Promise<Float32Array> {
  verifyGraph(graph);
  const session = await openSession(graph);
  const { y } = await session.run({ x });
  await session.release();
  return y?.data as Float32Array;
}

const ops = (graph: Graph, op: string) => graph.nodes.filter((node) => node.op === op);

/** y = x·W + b, of three stacked parts with a step each. */
function linear(width: Bits, activation: Partial<OperandEncoding> = {}) {
  const builder = new GraphBuilder("linear");
  builder.input("x", ["batch", 5, 16]);
  builder.matMul("x", builder.tensor("w", [16, 6], floats(96)), "product");
  builder.plus(builder.tensor("b", [6], floats(6)), "product", "y");
  builder.output("y", ["batch", 5, 6]);
  // Small steps, so that codes are cut off at both ends.
  const steps = [2.5, 1.9, 3.1].map((most) => Math.fround(most / 2 ** (width - 1)));
  const operands = [
    { ...uniform(0, "x", [Math.fround(1.5 / 2 ** (width - 1))]), ...activation },
    uniform(1, "w", steps, 1),
  ];
  return { graph: builder.build(), encodings: { bits: width, sites: [{ node: "product", role: "fc1", operands }] } };
}

const x: Tensor = { shape: [3, 5, 16], data: floats(240) };

test.each(widths)(
  "a linear layer at %d bits is exact sums of its codes, cut off where the level ends",
  async (width) => {
    const { graph, encodings } = linear(width);
    const bound = 2 ** (width - 1);
    const code = (value: number, step: number) => {
      const steps = Math.fround(value / step);
      const down = Math.floor(steps);
      const even = steps - down === 0.5 ? down + (down % 2 === 0 ? 0 : 1) : Math.round(steps);
      return Math.max(-bound, Math.min(bound - 1, even));
    };
    const operands = encodings.sites[0].operands;
    const w = graph.initializers.get("w")?.data as Float32Array;
    const b = graph.initializers.get("b")?.data as Float32Array;
    const step = operands[0].scales[0];
    const expected = Array.from({ length: 90 }, (_, at) => {
      const [row, column] = [Math.floor(at / 6), at % 6];
      const own = operands[1].scales[Math.floor(column / 2)];
      let sum = 0;
      for (let k = 0; k < 16; k++) sum += code(x.data[row * 16 + k], step) * code(w[k * 6 + column], own);
      return sum * step * own + b[column];
    });
    expect(x.data.some((value) => code(value, step) === -bound)).toBe(true);
    expectAllclose(await run(integerGraph(graph, encodings), x), expected, { rtol: 1e-6, atol: 1e-6 });
  },
);

test.each(widths)("behind a GELU two products at %d bits add up to the twin ranges", async (width) => {
  const scales = [Math.fround(1.2 / 2 ** (width - 1))];
  const { graph, encodings } = linear(width, { quantizer: "post-gelu", scales });
  // Below what a GELU gives, and zeros of both signs.
  const gelu: Tensor = { ...x, data: x.data.map((v) => (v > 0 ? v : 0.2 * Math.max(v, -1))) };
  gelu.data.set([0, -0, -0.3]);
  const integer = integerGraph(graph, encodings);
  expect(ops(integer, "MatMulIntegerToFloat")).toHaveLength(2);
  const expected = await run(fakeQuantizeGraph(graph, encodings), gelu);
  expectAllclose(await run(integer, gelu), expected, { rtol: 1e-5, atol: 1e-5 });
  expect(await run(inFloatKernels(integer), gelu)).toEqual(await run(integer, gelu));
});

test("weights as uint8, and float kernels, give the same bytes; only what could saturate takes uint8", async () => {
  for (const width of widths) {
    const { graph, encodings } = linear(width);
    const [signed, unsigned] = [integerGraph(graph, encodings), integerGraph(graph, encodings, { weights: "uint8" })];
    expect(unsigned.initializers.get(`w_${width}bit_codes`)?.dtype).toBe(width === 8 ? "uint8" : "int8");
    expect(await run(unsigned, x)).toEqual(await run(signed, x));
    expect(await run(inFloatKernels(unsigned), x)).toEqual(await run(signed, x));
  }
});

interface AttentionOptions {
  readonly width: Bits;
  readonly softmax?: string;
  /** Queries, keys and values are graph outputs too: somebody needs the floats. */
  readonly isWatched?: boolean;
  readonly hasBias?: boolean;
}

/** Stacked queries, keys and values of two heads with steps of their own, and a projection of the merged heads. */
function attention({ width, softmax = "post-softmax", isWatched = false, hasBias = true }: AttentionOptions) {
  const builder = new GraphBuilder("attention");
  builder.input("x", ["batch", 5, 16]);
  builder.matMul("x", builder.tensor("w", [16, 24], floats(384, 0.4)), "product");
  if (hasBias) builder.plus("product", builder.tensor("b", [24], floats(24, 0.3)), "qkv");
  else builder.add("Identity", ["product"], {}, "qkv");
  const turned = builder.transpose(builder.reshape("qkv", [0, 5, 3, 2, 4]), [2, 0, 3, 1, 4], "parts");
  const at = (i: number, to: string) => {
    const index = builder.initializer(builder.fresh("index"), {
      dtype: "int64",
      dims: [],
      data: BigInt64Array.of(BigInt(i)),
    });
    return builder.add("Gather", [turned, index], { axis: 0 }, to);
  };
  for (const [i, name] of ["q", "k", "v"].entries()) at(i, name);
  builder.matMul("q", builder.transpose("k", [0, 1, 3, 2], "k_turned"), "scores");
  builder.softmax(builder.times("scores", builder.scalar(0.5)), -1, "probabilities");
  builder.matMul("probabilities", "v", "context");
  builder.reshape(builder.transpose("context", [0, 2, 1, 3]), [0, 5, 8], "merged");
  builder.matMul("merged", builder.tensor("p", [8, 6], floats(48)), "y");
  builder.output("y", ["batch", 5, 6]);
  if (isWatched) builder.output("qkv", ["batch", 5, 24]);
  const bound = 2 ** (width - 1);
  const step = (most: number) => Math.fround(most / bound);
  const fine = softmax === "uniform" ? step(1) : 0.25 / Math.max(1, bound - 1);
  const sites: SiteEncoding[] = [
    {
      node: "product",
      role: "qkv",
      operands: [uniform(0, "x", [step(2)]), uniform(1, "w", [step(1), step(0.9), step(1.1)], 1)],
    },
    {
      node: "scores",
      role: "scores",
      operands: [uniform(0, "q", [step(3), step(5)], -3), uniform(1, "k_turned", [step(4), step(3.5)], -3)],
    },
    {
      node: "context",
      role: "context",
      operands: [
        { ...uniform(0, "probabilities", [fine]), quantizer: softmax },
        uniform(1, "v", [step(4.5), step(3)], -3),
      ],
    },
    { node: "y", role: "projection", operands: [uniform(0, "merged", [step(2)]), uniform(1, "p", [step(2)])] },
  ];
  return { graph: builder.build(), encodings: { bits: width, sites } };
}

const attentions = [
  ["twin ranges behind the softmax", {}],
  ["one range behind the softmax", { softmax: "uniform" }],
  ["floats that somebody watches", { isWatched: true }],
  ["no bias", { hasBias: false }],
] as const;

test.each(attentions.flatMap(([name, options]) => widths.map((width) => [name, width, options] as const)))(
  "attention with %s at %d bits is that of the fake-quant graph",
  async (_, width, options) => {
    const { graph, encodings } = attention({ width, ...options });
    const expected = await run(fakeQuantizeGraph(graph, encodings), x);
    const integer = integerGraph(graph, encodings);
    expectAllclose(await run(integer, x), expected, { rtol: 1e-4, atol: 1e-4 });
    expect(await run(inFloatKernels(integer), x)).toEqual(await run(integer, x));
  },
);

test("queries, keys and values are rounded once, where they are made, and move as bytes", () => {
  const { graph, encodings } = attention({ width: bits(6) });
  const integer = integerGraph(graph, encodings);
  const rounded = ops(integer, "QuantizeLinear").map(({ inputs }) => inputs[0]);
  expect(rounded).toEqual(["x", "qkv", "context"]);
  expect(ops(integer, "MatMulInteger")).toHaveLength(1);
  // The steps of the scores hold what scores are multiplied by.
  const [softmax, cast] = [ops(integer, "Softmax")[0], ops(integer, "Cast")[0]];
  const before = integer.nodes.find(({ outputs }) => outputs[0] === softmax?.inputs[0]);
  expect(before?.inputs[0]).toBe(cast?.outputs[0]);
  expect(ops(integer, "MatMulIntegerToFloat")).toHaveLength(2);
  // What stays: softmax times values.
  expect(ops(integer, "MatMul").map(({ outputs }) => outputs[0])).toEqual(["context"]);
  expect(ops(integer, "Add").filter(({ inputs }) => inputs.includes("product"))).toEqual([]);
  const watched = attention({ width: bits(6), isWatched: true });
  const late = ops(integerGraph(watched.graph, watched.encodings), "QuantizeLinear").map(({ inputs }) => inputs[0]);
  expect(late).toEqual(["x", "q", "k_turned", "v", "context"]);
});

test("a head as Gemm with turned weights, and sites with bits of their own", async () => {
  const builder = new GraphBuilder("head");
  builder.input("x", ["batch", 16]);
  builder.matMul("x", builder.tensor("w", [16, 16], floats(256, 0.4)), "hidden");
  const head = [builder.tensor("h", [3, 16], floats(48)), builder.tensor("b", [3], floats(3))];
  builder.add("Gemm", ["hidden", ...head], { transB: 1 }, "y");
  builder.output("y", ["batch", 3]);
  const graph = builder.build();
  const encodings = {
    bits: bits(4),
    sites: [
      {
        node: "hidden",
        role: "stem-linear",
        bits: bits(8),
        operands: [uniform(0, "x", [0.02]), uniform(1, "w", [0.01])],
      },
      { node: "y", role: "head", operands: [uniform(0, "hidden", [0.4]), uniform(1, "h", [0.2, 0.3, 0.25], 0)] },
    ],
  };
  const integer = integerGraph(graph, encodings);
  expect(ops(integer, "MatMulIntegerToFloat")).toHaveLength(2);
  const rows: Tensor = { shape: [15, 16], data: x.data };
  expectAllclose(await run(integer, rows), await run(fakeQuantizeGraph(graph, encodings), rows), {
    rtol: 1e-5,
    atol: 1e-5,
  });
});

test("what has no integer form stays in float: a Gemm that scales, a weight with steps along its inputs", async () => {
  const builder = new GraphBuilder("odd");
  builder.input("x", ["batch", 16]);
  builder.matMul("x", builder.tensor("w", [16, 16], floats(256, 0.4)), "hidden");
  builder.add(
    "Gemm",
    ["hidden", builder.tensor("h", [16, 3], floats(48))],
    { alpha: { kind: "float", value: 2 } },
    "y",
  );
  builder.output("y", ["batch", 3]);
  const graph = builder.build();
  const sites = [
    { node: "hidden", role: "fc1", operands: [uniform(0, "x", [0.02]), uniform(1, "w", [0.01, 0.02], 0)] },
    { node: "y", role: "head", operands: [uniform(0, "hidden", [0.02]), uniform(1, "h", [0.02])] },
  ];
  const encodings = { bits: bits(8), sites };
  const integer = integerGraph(graph, encodings);
  expect(ops(integer, "MatMulIntegerToFloat")).toEqual([]);
  const rows: Tensor = { shape: [15, 16], data: x.data };
  expect(await run(integer, rows)).toEqual(await run(fakeQuantizeGraph(graph, encodings), rows));
});

test("encodings of another graph are refused", () => {
  const { graph, encodings } = linear(bits(8));
  const site = encodings.sites[0];
  const withSite = (other: Partial<SiteEncoding>) => ({ ...encodings, sites: [{ ...site, ...other }] });
  expect(() => integerGraph(graph, withSite({ node: "elsewhere" }))).toThrow(/node "elsewhere": expected a node/);
  expect(() => integerGraph(graph, withSite({ operands: [uniform(0, "z", [1])] }))).toThrow(/input 0 to be "z"/);
});

test.each(widths)("packed weights of %d bits take b/8 bytes each and come back as they were", (width) => {
  for (const weights of ["int8", "uint8"] as const) {
    const { graph, encodings } = attention({ width });
    const integer = integerGraph(graph, encodings, { weights });
    const packed = packWeights(integer);
    expect(packed.bytes.length).toBe(((384 + 48) * width) / 8);
    expect(packed.weights.map((weight) => weight.bits)).toEqual([width, width]);
    expect(unpackWeights(packed)).toEqual(integer);
    expect(() => unpackWeights({ ...packed, bytes: packed.bytes.subarray(1) })).toThrow(/packed codes: expected/);
  }
});
