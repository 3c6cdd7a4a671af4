import { type Bits, type CostTable, legalPaths, type PathSpace } from "@quee/core";
import type { PreprocessorConfig } from "@quee/datasets";
import type { Gates } from "@quee/gate-predictors";
import type { FirstGate, OperatingPoint } from "@quee/router";

/** What routing by one model of cost needs. */
export interface RoutingTable {
  /** `with-stem`, `blocks-only` …, or `latency`: how a caller names it. */
  readonly name: string;
  readonly costs: CostTable;
  /** Name of the table whose costs λ weighs: budgets, limits and answers go by its own all the same. Default: its own. */
  readonly routesBy?: string;
  /** Bits of block 1 by λ, for all images alike. Default: always the most. */
  readonly firstGate?: FirstGate;
  /** What settings gave on validation images, by rising λ: wishes for a budget or an accuracy are looked up here. */
  readonly curve: readonly (OperatingPoint & {
    /** Of block 1, where the first gate may choose: a budget may be met best by others than those that it has for λ. */
    readonly firstBits?: Bits;
  })[];
}

/** A trained adaptive network: everything that classifying needs. */
export interface AdaptiveModel {
  readonly name: string;
  /** How blocks were quantized: products of integers, or float arithmetic on rounded values. */
  readonly arithmetic: "integer" | "fake-quant";
  /** [C, H, W] of a preprocessed image. */
  readonly imageShape: readonly [number, number, number];
  readonly classNames: readonly string[];
  readonly preprocessing: PreprocessorConfig;
  /** Gates, and the paths that they know. */
  readonly gates: Gates;
  /** The first is the default. */
  readonly routing: readonly RoutingTable[];
  /** Top-1 of the full-precision network on the validation images of the curves; accuracy drops count from here. */
  readonly floatTop1: number;
  /**
   * ONNX bytes of block 1 … E with its head at a level. Block 1 takes `pixel_values` [B, C, H, W], the others `hidden_states_in`
   * [B, T, D]; every block gives `logits` [B, K] and, but for the last, `hidden_states`.
   */
  block(block: number, bits: Bits): Uint8Array | Promise<Uint8Array>;
}

/** The blocks and levels that some legal path runs, block by block, most bits first: the others need not exist. */
export function blocksOf(space: PathSpace): readonly { readonly block: number; readonly bits: Bits }[] {
  const levels = [...space.levels].sort((a, b) => b - a);
  const paths = legalPaths(space);
  return Array.from({ length: space.exitCount }, (_, j) => j).flatMap((j) =>
    levels.filter((bits) => paths.some((path) => path[j] === bits)).map((bits) => ({ block: j + 1, bits })),
  );
}
