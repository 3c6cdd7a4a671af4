import { bits as asBits, type Bits, type CostTable, type Path, QueeError } from "@quee/core";
import { z } from "zod";
import { measuredCostTable } from "./measured-costs.js";

const positiveInteger = z.int().positive();

const blockLatency = z.strictObject({
  /** 1-based; block 1 with the stem, every block with its head. */
  block: positiveInteger,
  bits: z.int().min(2).max(32).transform(asBits),
  batchSize: positiveInteger,
  secondsPerImage: z.number().positive(),
});

const gateLatency = z.strictObject({
  /** The block before which the gate decides, from 2 on. */
  beforeBlock: z.int().min(2),
  batchSize: positiveInteger,
  secondsPerImage: z.number().positive(),
});

/** Times of blocks and gates, measured one by one, as JSON keeps them. */
export const latencyTableSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Where: processor and runtime, for captions. */
  machine: z.string(),
  arithmetic: z.enum(["integer", "fake-quant"]),
  threads: positiveInteger,
  blocks: z.array(blockLatency).min(1),
  gates: z.array(gateLatency),
});
export type LatencyTable = z.infer<typeof latencyTableSchema>;

/** Where in a table to look: a block at a level, or the gate before a block. */
export type LatencyKey = { readonly block: number; readonly bits: Bits } | { readonly beforeBlock: number };

/**
 * Seconds per image at any batch size. Between two measured sizes the time of a whole batch is taken to grow in a straight line, as
 * it does where a part is paid once per run and the rest per image. Above the largest size batches are cut up; below the smallest a
 * run costs what the smallest costs.
 */
export function secondsPerImage(table: LatencyTable, key: LatencyKey, batchSize: number): number {
  const measured = timesOf(table, key).toSorted((a, b) => a.batchSize - b.batchSize);
  const above = measured.findIndex((one) => one.batchSize >= batchSize);
  const [last] = measured.slice(-1);
  if (last === undefined) throw notMeasured(key);
  if (above < 0) return last.secondsPerImage;
  const [low, high] = [measured[above - 1], measured[above] ?? last];
  const secondsOf = (one: typeof last) => one.batchSize * one.secondsPerImage;
  if (low === undefined) return secondsOf(high) / batchSize;
  const share = (batchSize - low.batchSize) / (high.batchSize - low.batchSize);
  return (secondsOf(low) + share * (secondsOf(high) - secondsOf(low))) / batchSize;
}

function timesOf(table: LatencyTable, key: LatencyKey) {
  return "block" in key
    ? table.blocks.filter(({ block, bits }) => block === key.block && bits === key.bits)
    : table.gates.filter(({ beforeBlock }) => beforeBlock === key.beforeBlock);
}

export interface LatencyCostOptions {
  readonly table: LatencyTable;
  readonly batchSize: number;
  readonly exitCount: number;
  readonly paths: readonly Path[];
  /** Every level there is: the most bits give the normaliser. */
  readonly levels: readonly Bits[];
}

/** What every path costs in time, for a router in place of BitOPs; milliseconds per image. A gate that was not measured is free. */
export function latencyCostTable({ table, batchSize, exitCount, paths, levels }: LatencyCostOptions): CostTable {
  const milliseconds = (key: LatencyKey) => 1000 * secondsPerImage(table, key, batchSize);
  const gates = Array.from({ length: exitCount - 1 }, (_, j) => ({ beforeBlock: j + 2 }));
  const { arithmetic, threads, machine } = table;
  return measuredCostTable({
    blockMs: (block, bits) => milliseconds({ block, bits }),
    gateMs: gates.map((gate) => (timesOf(table, gate).length === 0 ? 0 : milliseconds(gate))),
    paths,
    levels,
    name: `ms per image, ${arithmetic}, batch ${batchSize}, ${threads} thread${threads === 1 ? "" : "s"}, ${machine}`,
  });
}

/** Levels must be so much faster than the ones above them to be worth running; less is noise. */
const leastGain = 0.05;

/**
 * The levels that save time, all blocks that they were measured for together, compared with every higher one that does; the most bits always
 * do. On a CPU without kernels for fewer than 8 bits, no lower level pays.
 */
export function levelsThatPay({
  table,
  batchSize,
  levels,
}: Pick<LatencyCostOptions, "table" | "batchSize" | "levels">): readonly Bits[] {
  const secondsOf = (bits: Bits, blocks: readonly number[]) =>
    blocks.reduce((sum, block) => sum + secondsPerImage(table, { block, bits }, batchSize), 0);
  const paying: Bits[] = [];
  for (const bits of levels.toSorted((a, b) => b - a)) {
    const blocks = [...new Set(table.blocks.filter((one) => one.bits === bits).map(({ block }) => block))];
    const isFaster = (higher: Bits) => secondsOf(bits, blocks) < (1 - leastGain) * secondsOf(higher, blocks);
    if (paying.every(isFaster)) paying.push(bits);
  }
  return paying;
}

function notMeasured(key: LatencyKey): QueeError {
  return new QueeError({
    code: "E_LATENCY",
    kind: "artifact",
    where: "latency table",
    expected: "block" in key ? `block ${key.block} at ${key.bits} bits` : `the gate before block ${key.beforeBlock}`,
    got: "no time of it",
    hint: "Measure again: quee bench --calibrate",
  });
}
