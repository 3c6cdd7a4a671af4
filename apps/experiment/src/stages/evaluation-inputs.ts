import type { CostModel } from "@quee/cost-model";
import type { ErrorTargets } from "@quee/error-target-clustering";
import type { Gates } from "@quee/gate-predictors";
import type { MeasuredRival } from "../methods/fit-rivals.js";
import { pricesOf, queePays } from "../methods/prices.js";
import type { RouterCosts } from "../methods/quee-routers.js";
import type { Fingerprinted, Run } from "../run/run.js";
import type { ShiftedTables } from "../shift/collect-shifted.js";
import type { Tables } from "./collect.js";
import type { Dataset } from "./dataset.js";
import type { Prepared } from "./prepare.js";
import type { QuantizedBlocks } from "./quantize-blocks.js";

/** Gates of one seed. */
export interface SeededGates {
  readonly seed: number;
  readonly targets: ErrorTargets & Fingerprinted;
  readonly gates: Gates & Fingerprinted;
}

/** What the stages before have made. */
export interface EvaluationInputs {
  readonly dataset: Dataset;
  readonly prepared: Prepared;
  readonly blocks: QuantizedBlocks & Fingerprinted;
  /** With the paths of rivals. */
  readonly tables: Tables & Fingerprinted;
  /** Of the config's own seed. */
  readonly targets: ErrorTargets & Fingerprinted;
  readonly gates: Gates & Fingerprinted;
  /** One per seed, the config's own first. */
  readonly seeded: readonly [SeededGates, ...SeededGates[]];
  readonly rivals: { readonly rivals: readonly MeasuredRival[] } & Fingerprinted;
  readonly shifted: ShiftedTables & Fingerprinted;
  /** Of the resolved config. */
  readonly hash: string;
}

/** What QuEE's paths cost, every exit and gate passed: as λ weighs it, and as results count it. */
export function queeCosts(
  { config }: Run,
  { prepared, gates }: Pick<EvaluationInputs, "prepared" | "gates">,
): RouterCosts {
  const by = (model?: CostModel) => pricesOf(config, prepared, [], model)(queePays(config, gates));
  return { weighed: by(config.cost.routing), counted: by() };
}
