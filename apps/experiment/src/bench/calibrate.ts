import { type AdaptiveModel, exactBlock } from "@quee/adaptive-classifier";
import {
  type Bits,
  type CostTable,
  costOf,
  type GateView,
  legalPaths,
  type Path,
  type PathKey,
  pathKey,
} from "@quee/core";
import { type Additivity, additivityOf, type LatencyTable, latencyCostTable } from "@quee/cost-model";
import { openPool, type SessionPool } from "@quee/onnx-session";
import { softmaxRows, type Tensor } from "@quee/tensor";
import type { BenchImages } from "./images.js";
import { interleaved, spreadOf } from "./interleave.js";
import { type OperatorTime, operatorTimes } from "./operator-times.js";

export interface CalibrateOptions {
  readonly model: AdaptiveModel;
  readonly images: BenchImages;
  readonly batchSizes: readonly number[];
  readonly rounds: number;
  /** Processor and runtime, for captions. */
  readonly machine: string;
  readonly signal: AbortSignal;
}

/** Costs in measured time, and how well times of whole paths are the sums of their parts. */
export interface Calibration {
  readonly table: LatencyTable;
  readonly additivity: readonly { readonly batchSize: number; readonly result: Additivity }[];
  readonly comparison: readonly BlockComparison[];
  readonly operators: readonly BlockOperators[];
}

/** Where the time of a block at the most bits goes. */
export interface BlockOperators {
  readonly block: number;
  readonly bits: number;
  readonly batchSize: number;
  readonly times: readonly OperatorTime[];
}

/** A block at a level: what BitOPs say of it and what a clock says. */
export interface BlockComparison {
  readonly block: number;
  readonly bits: number;
  readonly batchSize: number;
  readonly bitOps: number;
  readonly milliseconds: number;
}

/** Whole paths that are measured to check the sums. */
const mostPaths = 12;
/** Images that one measurement takes together, in three runs or more: short blocks run in a fraction of a millisecond. */
const imagesPerMeasurement = 32;

/** One thing that is timed: a block at a level, a gate, or a path as a whole. */
interface Subject {
  readonly kind: "block" | "gate" | "path";
  readonly block: number;
  readonly bits: Bits;
  readonly path: Path;
  run(): Promise<void> | void;
}

/** Times every block at every level, every gate and some whole paths with one worker, in turn. */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const { model, batchSizes, rounds, machine, signal } = options;
  const { space } = model.gates;
  const pool = await openPool({ workers: 1 });
  try {
    for (const { block, bits } of pairsOf(legalPaths(space)))
      pool.register(keyOf(block, bits), await exactBlock(model, block, bits));
    const blocks: LatencyTable["blocks"] = [];
    const gates: LatencyTable["gates"] = [];
    const wholes = new Map<number, Map<PathKey, number>>();
    for (const batchSize of batchSizes) {
      const subjects = await subjectsOf(pool, options, batchSize);
      const runs = Math.max(3, Math.ceil(imagesPerMeasurement / batchSize));
      const times = await interleaved(subjects, rounds, async (subject) => {
        signal.throwIfAborted();
        const begun = performance.now();
        for (let run = 0; run < runs; run++) await subject.run();
        return (performance.now() - begun) / (1000 * runs * batchSize);
      });
      const measured = new Map<PathKey, number>();
      for (const [{ kind, block, bits, path }, seconds] of times) {
        const secondsPerImage = spreadOf(seconds).median;
        if (kind === "block") blocks.push({ block, bits, batchSize, secondsPerImage });
        else if (kind === "gate") gates.push({ beforeBlock: block, batchSize, secondsPerImage });
        else measured.set(pathKey(path), 1000 * secondsPerImage);
      }
      wholes.set(batchSize, measured);
    }
    const table: LatencyTable = { schemaVersion: 1, machine, arithmetic: model.arithmetic, threads: 1, blocks, gates };
    const costsAt = (batchSize: number) =>
      latencyCostTable({
        table,
        batchSize,
        exitCount: space.exitCount,
        paths: legalPaths(space),
        levels: space.levels,
      });
    return {
      table,
      additivity: [...wholes].map(([batchSize, measured]) => ({
        batchSize,
        result: additivityOf(costsAt(batchSize), measured),
      })),
      comparison: comparisonOf(model, blocks),
      operators: await operatorsOf(pool, options, nearest(batchSizes, 32)),
    };
  } finally {
    await pool.close();
  }
}

async function operatorsOf(
  pool: SessionPool,
  { model, images, signal }: CalibrateOptions,
  batchSize: number,
): Promise<readonly BlockOperators[]> {
  const longest = longestPath(model);
  const { inputs } = await walk(pool, model, longest, batchOf(images, batchSize));
  const operators: BlockOperators[] = [];
  for (const [j, bits] of longest.entries()) {
    signal.throwIfAborted();
    const block = j + 1;
    const feeds = feedsOf(block, inputs[j] as Tensor);
    const times = await operatorTimes(await exactBlock(model, block, bits), feeds, keyOf(block, bits));
    operators.push({ block, bits, batchSize, times });
  }
  return operators;
}

/** All blocks at the most bits. */
function longestPath({ gates: { space } }: AdaptiveModel): Path {
  return legalPaths(space).filter(({ length }) => length === space.exitCount)[0] as Path;
}

function nearest(sizes: readonly number[], wanted: number): number {
  return [...sizes].sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0] ?? wanted;
}

async function subjectsOf(
  pool: SessionPool,
  { model, images }: CalibrateOptions,
  batchSize: number,
): Promise<readonly Subject[]> {
  const { space } = model.gates;
  const paths = legalPaths(space);
  const longest = longestPath(model);
  const pixels = batchOf(images, batchSize);
  const walked = await walk(pool, model, longest, pixels);
  const blocks = pairsOf(paths).map(({ block, bits }): Subject => {
    const feeds = feedsOf(block, walked.inputs[block - 1] as Tensor);
    const fetch = outputsOf(block, space.exitCount);
    return {
      kind: "block",
      block,
      bits,
      path: [],
      run: async () => void (await pool.run(keyOf(block, bits), feeds, { fetch })),
    };
  });
  const gates = walked.views.map(
    (view): Subject => ({
      ...{ kind: "gate" as const, block: view.prefix.length + 1, bits: longest[0] as Bits, path: [] },
      run: () => void model.gates.predict(view),
    }),
  );
  const step = Math.max(1, Math.ceil(paths.length / mostPaths));
  const chosen = [...new Set([...paths.filter((_, p) => p % step === 0), longest])];
  const whole = chosen.map(
    (path): Subject => ({
      ...{ kind: "path" as const, block: 0, bits: longest[0] as Bits, path },
      run: async () => void (await walk(pool, model, path, pixels)),
    }),
  );
  return [...blocks, ...gates, ...whole];
}

/** Runs a path block by block and asks the gates on the way, as live inference does. */
async function walk(pool: SessionPool, model: AdaptiveModel, path: Path, pixels: Tensor) {
  const { exitCount } = model.gates.space;
  const classCount = model.classNames.length;
  const [inputs, views, history]: [Tensor[], GateView[], Float32Array[]] = [[pixels], [], []];
  for (const [j, bits] of path.entries()) {
    const [block, input] = [j + 1, inputs[j] as Tensor];
    const outputs = await pool.run(keyOf(block, bits), feedsOf(block, input), { fetch: outputsOf(block, exitCount) });
    history.push(softmaxRows(outputs["logits"] as Tensor).data);
    if (block === exitCount) break;
    inputs.push(outputs["hidden_states"] as Tensor);
    const view = { prefix: path.slice(0, block), count: input.shape[0] as number, classCount, history: [...history] };
    views.push(view);
    model.gates.predict(view);
  }
  return { inputs, views };
}

function comparisonOf(model: AdaptiveModel, blocks: LatencyTable["blocks"]): readonly BlockComparison[] {
  const costs = model.routing.find(({ name }) => name === "with-stem")?.costs;
  if (costs === undefined) return [];
  return blocks.map(({ block, bits, batchSize, secondsPerImage }) => ({
    ...{ block, bits, batchSize, milliseconds: 1000 * secondsPerImage },
    bitOps: bitOpsOf(costs, model, block, bits as Bits),
  }));
}

/** What the block adds to a path that came at the most bits: with its head and gate, block 1 with the stem. */
function bitOpsOf(costs: CostTable, { gates: { space } }: AdaptiveModel, block: number, bits: Bits): number {
  const most = Math.max(...space.levels) as Bits;
  const before = Array.from({ length: block - 1 }, () => most);
  return costs.unitCost * (costOf(costs, [...before, bits]) - (block === 1 ? 0 : costOf(costs, before)));
}

function pairsOf(paths: readonly Path[]): readonly { readonly block: number; readonly bits: Bits }[] {
  const seen = new Map<string, { block: number; bits: Bits }>();
  for (const path of paths)
    for (const [j, bits] of path.entries()) seen.set(keyOf(j + 1, bits), { block: j + 1, bits });
  return [...seen.values()].sort((a, b) => a.block - b.block || b.bits - a.bits);
}

/** The first images, again from the beginning where there are fewer. */
function batchOf(images: BenchImages, batchSize: number): Tensor {
  const { shape, data } = images.rows(0, 1);
  const all = new Float32Array(batchSize * data.length);
  for (let i = 0; i < batchSize; i++)
    all.set(images.rows(i % images.count, (i % images.count) + 1).data, i * data.length);
  return { shape: [batchSize, ...shape.slice(1)], data: all };
}

const keyOf = (block: number, bits: Bits) => `${block}@${bits}`;
const feedsOf = (block: number, input: Tensor) => ({ [block === 1 ? "pixel_values" : "hidden_states_in"]: input });
const outputsOf = (block: number, exitCount: number) => (block < exitCount ? ["logits", "hidden_states"] : ["logits"]);
