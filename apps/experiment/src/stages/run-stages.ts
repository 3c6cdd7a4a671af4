import type { ConfigFile } from "../config/schema.js";
import type { Environment } from "../run/machine.js";
import { type Run, type StageName, stageNames } from "../run/run.js";
import { chooseLevels } from "./choose-levels.js";
import { cluster } from "./cluster.js";
import { collect } from "./collect.js";
import type { Dataset } from "./dataset.js";
import { evaluate } from "./evaluate.js";
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
  const tables = await collect(run, dataset, prepared, blocks);
  if (isLast("collect")) return stopped;
  const targets = await cluster(run, tables);
  if (isLast("cluster")) return stopped;
  const gates = await fitGates(run, tables, targets);
  if (isLast("train-gates")) return stopped;
  const evaluated = await evaluate(run, { dataset, prepared, blocks, tables, targets, gates, hash });
  if (isLast("evaluate")) return stopped;
  return report(run, { evaluated, dataset, machine, levelChoice });
}
