import type { Bits } from "@quee/core";
import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { openSession, type Session } from "@quee/onnx-session";
import {
  type BlockEncodings,
  fakeQuantizeGraph,
  inFloatKernels,
  integerGraph,
  ptq4vitEncodings,
} from "@quee/ptq4vit-quantizer";
import { randomStream, type Tensor } from "@quee/tensor";
import { bench, describe } from "vitest";
import { type Block, backbone, levels } from "./integer-cases.js";

/** The median of a few dozen runs at batch 1, which are short, and fewer of batch 32. */
const rounds = new Map([
  [1, 61],
  [32, 15],
]);
const random = randomStream(1, "inputs of blocks");
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

/** Milliseconds of processor time: what other processes do at the same time counts little. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** For runs that are too short for the clock of the processor. */
const wallMs = () => performance.now();

interface Variant {
  readonly name: string;
  readonly graph: Graph;
}

function variantsOf(block: Block, encodings: readonly BlockEncodings[]): readonly Variant[] {
  const of = (width: number) => encodings.find(({ bits }) => bits === width) as BlockEncodings;
  return [
    { name: "fp32", graph: block.graph },
    { name: "fake-quant 8", graph: fakeQuantizeGraph(block.graph, of(8)) },
    { name: "integer 8", graph: integerGraph(block.graph, of(8)) },
    { name: "integer 6", graph: integerGraph(block.graph, of(6)) },
    { name: "integer 8, weights as uint8", graph: integerGraph(block.graph, of(8), { weights: "uint8" }) },
    { name: "integer 8 by float kernels", graph: inFloatKernels(integerGraph(block.graph, of(8))) },
  ];
}

/** Median processor time of every session, each run in turn with the others. */
async function interleaved(
  sessions: readonly Session[],
  feeds: Record<string, Tensor>,
  count: number,
  clockMs: () => number = cpuMs,
) {
  const times = sessions.map((): number[] => []);
  for (let round = -2; round < count; round++) {
    for (const [i, session] of sessions.entries()) {
      const start = clockMs();
      await session.run(feeds);
      if (round >= 0) times[i]?.push(clockMs() - start);
    }
  }
  return times.map(median);
}

/** Scales from one image: they change answers, not times. */
async function network() {
  const { blocks: cut, images } = backbone as NonNullable<typeof backbone>;
  const blocks = cut();
  const calibration = await images("calibration", 1);
  const bitWidths: readonly Bits[] = levels.slice(0, 2);
  const found = await ptq4vitEncodings({ blocks, batches: () => [calibration], bitWidths });
  return { blocks, encodings: found.blocks };
}

/** One line per block, and the sum of all blocks: times as multiples of the speed of fp32. */
async function compare(batch: number, { blocks, encodings }: Awaited<ReturnType<typeof network>>): Promise<void> {
  const sums: number[] = [];
  const report = (name: string, variants: readonly Variant[], times: readonly number[]) => {
    const ratios = variants.map(
      (variant, i) => `${variant.name} ${((times[0] as number) / (times[i] as number)).toFixed(2)}x`,
    );
    console.log(
      `batch ${batch}, ${name}: fp32 ${(times[0] as number).toFixed(2)} ms of cpu; ${ratios.slice(1).join(", ")}`,
    );
  };
  for (const [j, block] of blocks.entries()) {
    const variants = variantsOf(block, encodings[j] as readonly BlockEncodings[]);
    const sessions = await Promise.all(variants.map(({ graph }) => openSession(graph)));
    const { name, shape } = block.graph.inputs[0] as Graph["inputs"][number];
    const dims = (shape ?? []).map((dim) => (typeof dim === "number" ? dim : batch));
    const size = dims.reduce((product, dim) => product * dim, 1);
    const data = Float32Array.from({ length: size }, () => random.normal());
    const times = await interleaved(sessions, { [name]: { shape: dims, data } }, rounds.get(batch) as number);
    for (const [i, time] of times.entries()) sums[i] = (sums[i] ?? 0) + time;
    report(j === 0 ? "block 1 with the stem" : `block ${j + 1}`, variants, times);
    if (j === blocks.length - 1) report("all blocks", variants, sums);
    await Promise.all(sessions.map((session) => session.release()));
  }
}

/** Codes of queries and keys, and their products by integers, or by floats once the codes are turned back. */
function scoresGraph(heads: number, tokens: number, width: number, kernels: "integer" | "float"): Graph {
  const builder = new GraphBuilder(`scores of ${heads} heads by ${kernels} kernels`);
  const zero = builder.initializer("zero", { dtype: "uint8", dims: [], data: Uint8Array.of(128) });
  const step = builder.scalar(0.02);
  const codes = builder.add("QuantizeLinear", [builder.input("x", ["batch", heads, tokens, width]), step, zero]);
  const turned = builder.transpose(codes, [0, 1, 3, 2]);
  // A step per head, as they have.
  const own = builder.tensor(
    "own",
    [heads],
    Float32Array.from({ length: heads }, (_, head) => 0.02 + head / 1000),
  );
  const zeros = builder.initializer("zeros", { dtype: "uint8", dims: [heads], data: new Uint8Array(heads).fill(128) });
  const toFloat = (name: string) => builder.add("DequantizeLinear", [name, own, zeros], { axis: 1 });
  const products =
    kernels === "integer"
      ? builder.add("Cast", [builder.add("MatMulInteger", [codes, turned, zero, zero])], { to: 1 })
      : builder.matMul(toFloat(codes), toFloat(turned));
  const steps = builder.tensor("steps", [heads, 1, 1], new Float32Array(heads).fill(5e-5));
  builder.output(kernels === "integer" ? builder.times(products, steps) : products);
  return builder.build();
}

async function compareScores(heads: number, tokens: number, batch: number): Promise<void> {
  const graphs = (["float", "integer"] as const).map((kernels) => scoresGraph(heads, tokens, 64, kernels));
  // With more, onnxruntime would make integer products of both, and refuse to run those with a step per head.
  const sessions = await Promise.all(graphs.map((graph) => openSession(graph, { optimization: "basic" })));
  const data = Float32Array.from({ length: batch * heads * tokens * 64 }, () => random.normal());
  const [float, integer] = await interleaved(sessions, { x: { shape: [batch, heads, tokens, 64], data } }, 201, wallMs);
  const ratio = (float as number) / (integer as number);
  console.log(
    `batch ${batch}, scores of ${heads} heads and ${tokens} tokens: integers ${ratio.toFixed(2)}x as fast as floats`,
  );
  await Promise.all(sessions.map((session) => session.release()));
}

// A comparison is one sample: vitest's own loop would time the variants apart, not in turn.
const once = { iterations: 1, warmupIterations: 0, time: 0, warmupTime: 0 };

describe.skipIf(backbone === null)("T2T-ViT-7, exits behind layers 2, 4 and 7, one thread", async () => {
  const whole = backbone === null ? null : await network();
  for (const batch of [1, 32]) bench(`batch ${batch}`, () => compare(batch, whole as NonNullable<typeof whole>), once);
});

describe("products of queries and keys, rounded to codes, one thread", () => {
  for (const [heads, tokens, batch] of [
    [4, 17, 1],
    [4, 17, 32],
    [6, 197, 1],
    [6, 197, 8],
  ] as const) {
    bench(`${heads} heads, ${tokens} tokens, batch ${batch}`, () => compareScores(heads, tokens, batch), once);
  }
});
