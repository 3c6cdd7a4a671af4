import { legalPaths, uniformPaths } from "@quee/core";
import { pathCostTable } from "@quee/cost-model";
import type { ErrorTargets } from "@quee/error-target-clustering";
import type { Gates } from "@quee/gate-predictors";
import { type Fingerprinted, levelsOf, pathSpaceOf, type Run } from "../run/run.js";
import type { Tables } from "./collect.js";
import type { Dataset } from "./dataset.js";
import type { Prepared } from "./prepare.js";
import { float, type QuantizedBlocks } from "./quantize-blocks.js";

/** What the stages before have made. */
export interface EvaluationInputs {
  readonly dataset: Dataset;
  readonly prepared: Prepared;
  readonly blocks: QuantizedBlocks & Fingerprinted;
  readonly tables: Tables & Fingerprinted;
  readonly targets: ErrorTargets & Fingerprinted;
  readonly gates: Gates & Fingerprinted;
  /** Of the resolved config. */
  readonly hash: string;
}

/** What a path costs those who visit exits and gates, those who visit exits only, and those who do neither. */
export function costsOf({ config }: Run, { prepared, gates }: EvaluationInputs) {
  const space = pathSpaceOf(config);
  const { macs } = prepared.anatomy;
  const common = { macs, paths: legalPaths(space), levels: space.levels, model: config.cost.model };
  // The gate behind the most bits has the most candidates: no gate at its exit costs more.
  const gateMacs = uniformPaths(levelsOf(config)[0] ?? float, space.exitCount - 1).map((prefix) => gates.macs(prefix));
  return {
    adaptive: pathCostTable({ ...common, gateMacs }),
    exits: pathCostTable({ ...common, gateMacs: gateMacs.map(() => 0) }),
  };
}
