import { targetsOf } from "@quee/error-target-clustering";
import type { ConfigFile } from "../config/schema.js";
import { configuredRivals } from "../methods/configured-rivals.js";
import { fitRivals } from "../methods/fit-rivals.js";
import { pricesOf } from "../methods/prices.js";
import { collectForRivals } from "../methods/rival-tables.js";
import type { Environment } from "../run/machine.js";
import { type Fingerprinted, type Run, type StageName, stageNames } from "../run/run.js";
import { collectShifted } from "../shift/collect-shifted.js";
import { chooseLevels } from "./choose-levels.js";
import { cluster } from "./cluster.js";
import { collect, type Tables } from "./collect.js";
import { correctHeads } from "./correct-heads.js";
import type { Dataset } from "./dataset.js";
import { evaluate } from "./evaluate.js";
import type { SeededGates } from "./evaluation-inputs.js";
import { prepare } from "./prepare.js";
import { quantizeBlocks } from "./quantize-blocks.js";
import { type RunSummary, report } from "./report.js";
import { fitGates } from "./train-gates.js";
import { trainHeads } from "./train-heads.js";

export interface RunFacts {
  readonly machine: Environment;
  /** Of the resolved config. */
  readonly hash: string;
  /** The last stage to run. */
  readonly until: StageName;
}

/** The chain of the paper, from an ONNX file and images to a curve and a report. */
export async function runStages(
  given: Run<ConfigFile>,
  dataset: Dataset,
  { machine, hash, until }: RunFacts,
): Promise<RunSummary> {
  const isLast = (name: StageName) => stageNames.indexOf(name) >= stageNames.indexOf(until);
  const stopped: RunSummary = { lines: [`stage ${until} is done`], facts: { stage: until } };

  const prepared = await prepare(given, dataset);
  if (isLast("prepare")) return stopped;
  const heads = await trainHeads(given, dataset, prepared);
  if (isLast("train-heads")) return stopped;
  const { run, levelChoice } = await chooseLevels(given, dataset, prepared);
  const blocks = await quantizeBlocks(run, dataset, prepared, heads);
  if (isLast("quantize-blocks")) return stopped;
  const collected = await collect(run, dataset, prepared, blocks);
  if (isLast("collect")) return stopped;
  const answering = await correctHeads(run, { dataset, prepared, blocks, tables: collected });
  const { tables, correction } = answering;
  if (isLast("correct-heads")) return stopped;
  // Before the config's own seed: whoever reads the run's events finds that one under the newest key.
  const others: SeededGates[] = [];
  for (let s = 1; s < run.config.seeds && !isLast("cluster"); s++) {
    others.push(await gatesOfSeed(run, tables, run.config.seed + s));
  }
  const targets = await cluster(run, tables);
  if (isLast("cluster")) return stopped;
  const gates = await fitGates(run, tables, targets);
  const seeded = [{ seed: run.config.seed, targets, gates }, ...others] as const;
  if (isLast("train-gates")) return stopped;
  const rivals = configuredRivals(run.config, (path, table) => targetsOf(targets, path, table));
  const all = await collectForRivals(run, rivals, { dataset, prepared, blocks, tables, correction });
  if (isLast("collect-rivals")) return stopped;
  const shifted = await collectShifted(run, rivals, { dataset, prepared, blocks, correction });
  if (isLast("shift")) return stopped;
  const fitted = await fitRivals(run, {
    ...{ rivals, tables: all, shifted: shifted.tables },
    prices: (model) => pricesOf(run.config, prepared, all.validation.paths, model),
    // What a path answers follows from blocks and images: another choice of rivals trains none of them anew.
    tablesKey: { tables: tables.fingerprint, blocks: blocks.fingerprint, shifted: shifted.fingerprint },
    targetsKey: targets.fingerprint,
  });
  if (isLast("rivals")) return stopped;
  const evaluated = await evaluate(run, {
    ...{ dataset, prepared, targets, gates, seeded, rivals: fitted, shifted, hash },
    ...{ blocks: answering.blocks, tables: all },
  });
  if (isLast("evaluate")) return stopped;
  return report(run, { evaluated, rivals: fitted.rivals, dataset, machine, levelChoice });
}

/** Clusters and gates of another seed, on the same tables. */
async function gatesOfSeed(run: Run, tables: Tables & Fingerprinted, seed: number): Promise<SeededGates> {
  const own: Run = { ...run, config: { ...run.config, seed } };
  const targets = await cluster(own, tables);
  return { seed, targets, gates: await fitGates(own, tables, targets) };
}
