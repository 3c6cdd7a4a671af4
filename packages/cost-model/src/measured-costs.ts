import { type Bits, type CostTable, type Path, type PathKey, pathKey, QueeError } from "@quee/core";
import { sum } from "./macs-of.js";

export interface MeasuredCostOptions {
  /** Milliseconds of block 1 … E at a level, with the head behind it; block 1 with the stem. */
  readonly blockMs: (block: number, bits: Bits) => number;
  /** Milliseconds of the gates before blocks 2 … E, in this order. */
  readonly gateMs: readonly number[];
  readonly paths: readonly Path[];
  /** Every level there is: the most bits give the normaliser. */
  readonly levels: readonly Bits[];
  /** What was measured and where, for captions: `ms at batch 1 on …`. */
  readonly name?: string;
}

/**
 * Cost of every path from times that were measured per block and level: their sum and that of the gates passed, over the time
 * of all blocks at the most bits. Supposes that times add up; a block that slows its neighbour needs paths measured whole.
 * QuEE (arXiv 2406.14404), section 4: costs are looked up at inference, so gates serve these as they serve BitOPs.
 */
export function measuredCostTable(options: MeasuredCostOptions): CostTable {
  const { gateMs, paths, levels, name = "measured ms" } = options;
  const exitCount = gateMs.length + 1;
  const most = Math.max(...levels) as Bits;
  const unitCost = sum(Array.from({ length: exitCount }, (_, j) => timeOf(options, j + 1, most)));
  const byPath = new Map<PathKey, number>();
  for (const path of paths) {
    if (path.length === 0 || path.length > exitCount) {
      throw new QueeError({
        code: "E_COST",
        kind: "internal",
        where: `path ${pathKey(path)}`,
        expected: `1 to ${exitCount} blocks`,
        got: String(path.length),
      });
    }
    const blocks = sum(path.map((bits, j) => timeOf(options, j + 1, bits)));
    byPath.set(pathKey(path), (blocks + sum(gateMs.slice(0, path.length))) / unitCost);
  }
  return { name, unitCost, unit: "ms", byPath };
}

function timeOf({ blockMs }: MeasuredCostOptions, block: number, bits: Bits): number {
  const time = blockMs(block, bits);
  if (time > 0 && Number.isFinite(time)) return time;
  throw new QueeError({
    code: "E_MEASURED_TIME",
    kind: "numeric",
    where: `block ${block} at ${bits} bits`,
    expected: "milliseconds above 0",
    got: String(time),
  });
}
