import type { Bits } from "@quee/core";
import type { Graph } from "@quee/onnx-graph";
import { openSession, type Session } from "@quee/onnx-session";
import { type BlockEncodings, fakeQuantizeGraph, integerGraph, ptq4vitEncodings } from "@quee/ptq4vit-quantizer";
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
  ];
}

/** Median processor time of every session, each run in turn with the others. */
async function interleaved(sessions: readonly Session[], feeds: Record<string, Tensor>, count: number) {
  const times = sessions.map((): number[] => []);
  for (let round = -2; round < count; round++) {
    for (const [i, session] of sessions.entries()) {
      const start = cpuMs();
      await session.run(feeds);
      if (round >= 0) times[i]?.push(cpuMs() - start);
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

// A comparison is one sample: vitest's own loop would time the variants apart, not in turn.
const once = { iterations: 1, warmupIterations: 0, time: 0, warmupTime: 0 };

describe.skipIf(backbone === null)("T2T-ViT-7, exits behind layers 2, 4 and 7, one thread", async () => {
  const whole = backbone === null ? null : await network();
  for (const batch of [1, 32]) bench(`batch ${batch}`, () => compare(batch, whole as NonNullable<typeof whole>), once);
});
