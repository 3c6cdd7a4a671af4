import { assertNever, type Bits, type CostTable, type Path, type PathKey, pathKey, QueeError } from "@quee/core";
import { sum } from "./macs-of.js";
import type { NetworkMacs } from "./network-macs.js";

/** Bits of what stays in float. */
const FLOAT_BITS = 32;

/**
 * What a path costs.
 * - `with-stem` (default): MACs × bits; the stem at the first block's bits, the head of every exit passed at its block's bits,
 *   every gate passed at 32 bits.
 * - `blocks-only`: MACs × bits of the blocks, nothing else: equation 17 of QuEE (arXiv 2406.14404) as printed.
 * - `weights-times-activations`: as `with-stem` with MACs × bits²: the usual BOPs, weights and activations at the same bits.
 */
export type CostModel = "with-stem" | "blocks-only" | "weights-times-activations";

export interface PathCostOptions {
  readonly macs: NetworkMacs;
  /** MACs of the gates before blocks 2 … E, in this order. The gate before block 1 computes nothing. */
  readonly gateMacs: readonly number[];
  readonly paths: readonly Path[];
  /** Every level there is: the most bits give the normaliser. */
  readonly levels: readonly Bits[];
  readonly model?: CostModel;
  /**
   * `every-exit` (default): the head of every exit passed. `last-exit`: only that of the exit it leaves by, which is all that a
   * network without adaptivity has.
   */
  readonly headsPaid?: "every-exit" | "last-exit";
  /**
   * `nominal` (default): a block's float products count at the block's bits. `executed`: they count at 32 bits, in path and
   * normaliser alike.
   */
  readonly floatParts?: "nominal" | "executed";
}

/** Cost of every path over that of the stem, all blocks and the last head at the most bits. */
export function pathCostTable(options: PathCostOptions): CostTable {
  const { macs, paths, levels, model = "with-stem", floatParts = "nominal" } = options;
  checkGates(options);
  const full = macs.blocks.map(() => Math.max(...levels) as Bits);
  const unitCost = networkCost(options, full, macs.heads.slice(-1), full.slice(-1));
  const byPath = new Map<PathKey, number>();
  for (const path of paths) byPath.set(pathKey(path), pathCost(options, path) / unitCost);
  return { name: captionOf(model, floatParts), unitCost, unit: "BitOPs", byPath };
}

function pathCost(options: PathCostOptions, path: Path): number {
  const { macs, gateMacs, model = "with-stem", headsPaid = "every-exit" } = options;
  if (path.length === 0 || path.length > macs.blocks.length) {
    throw internal(`path ${pathKey(path)}`, `1 to ${macs.blocks.length} blocks`, path.length);
  }
  const firstHead = headsPaid === "every-exit" ? 0 : path.length - 1;
  // The gate behind exit e decides to leave there, so a path passes as many gates as exits, but for the last exit's.
  const gates = model === "blocks-only" ? 0 : sum(gateMacs.slice(0, path.length));
  const heads = macs.heads.slice(firstHead, path.length);
  return networkCost(options, path, heads, path.slice(firstHead)) + gates * weightOf(FLOAT_BITS, model);
}

/** Stem, blocks along `path`, and some heads at `headBits`. */
function networkCost(
  { macs, model = "with-stem", floatParts = "nominal" }: PathCostOptions,
  path: Path,
  heads: readonly number[],
  headBits: readonly Bits[],
): number {
  const blocks = sum(path.map((bits, j) => (macs.blocks[j] as number) * weightOf(bits, model)));
  if (model === "blocks-only") return blocks;
  const stemBits = path[0] as Bits;
  const floating = floatParts === "executed" ? macs.stemFloat : 0;
  const stem = (macs.stem - floating) * weightOf(stemBits, model) + floating * weightOf(FLOAT_BITS, model);
  return stem + blocks + sum(heads.map((head, j) => head * weightOf(headBits[j] as Bits, model)));
}

/** Cost of one MAC whose weight and activation have this many bits. */
function weightOf(bits: number, model: CostModel): number {
  switch (model) {
    case "with-stem":
    case "blocks-only":
      return bits;
    case "weights-times-activations":
      return bits * bits;
    default:
      return assertNever(model);
  }
}

/** A static rival runs everything at `bits` and pays neither gates nor the heads of earlier exits. */
export function staticCost(bits: Bits, maxBits: Bits, model: CostModel = "with-stem"): number {
  return weightOf(bits, model) / weightOf(maxBits, model);
}

function captionOf(model: CostModel, floatParts: "nominal" | "executed"): string {
  const counted = {
    "with-stem": "BitOPs with stem",
    "blocks-only": "BitOPs of blocks only",
    "weights-times-activations": "BitOPs of weights × activations",
  }[model];
  return floatParts === "executed" && model !== "blocks-only" ? `${counted}, float parts at 32 bits` : counted;
}

function checkGates({ macs, gateMacs }: PathCostOptions): void {
  if (gateMacs.length !== macs.blocks.length - 1) {
    throw internal("gateMacs", `${macs.blocks.length - 1} gates (before blocks 2 … E)`, gateMacs.length);
  }
}

function internal(where: string, expected: string, got: number): QueeError {
  return new QueeError({ code: "E_COST", kind: "internal", where, expected, got: String(got) });
}
