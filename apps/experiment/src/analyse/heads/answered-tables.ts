import { type StageDraft, stageKey } from "@quee/artifacts";
import { legalPaths, type SplitRole } from "@quee/core";
import { encodeTablePart, type PathTable, runsOf, samplesOf, takeSamples } from "@quee/path-tables";
import type { OpenedRun } from "../../run/open-run.js";
import { duration } from "../../run/progress.js";
import { headTrainingOf } from "../../run/run.js";
import { roles, type Tables } from "../../stages/collect.js";
import { openTable } from "../../stages/table-files.js";
import { type Answer, answersBy, type OtherHeadsOptions } from "./other-heads.js";

/**
 * Tables of a run as other heads would answer them, from what heads read. All of these heads are float32, those of the run
 * (`unquantized`) included: that row is what the others are to be compared with, since the run's own answers come from heads at the bits
 * of their block. Kept in the stage cache and read from files, like the run's tables.
 */
export async function answeredTables(options: OtherHeadsOptions): Promise<Tables> {
  const { opened, features, space, heads: kind, seed } = options;
  const { run, heads } = opened;
  const key = stageKey({
    stage: "analyse-heads",
    version: 1,
    inputs: {
      ...{ kind, features: features.fingerprint, heads: heads.fingerprint, elements: run.config.tables.elements },
      ...(kind === "unquantized" ? {} : { settings: headTrainingOf(run.config), seed }),
      platform: run.platform,
    },
  });
  const { entry } = await run.cache.produce(key, async (draft) => {
    const line = run.progress.begin("heads");
    const begun = performance.now();
    // Two trainings per exit: of two starts, or of two folds.
    const total = 2 * space.exitCount * run.config.heads.maxEpochs;
    let done = 0;
    const onEpoch = () => line.update(++done, total, "epochs at most");
    const answer = await answersBy[kind]({ ...options, draft, onEpoch });
    const legal = <Role extends SplitRole>(table: PathTable<Role>) => ({ ...table, paths: legalPaths(space) });
    for (const role of roles) await writeAnswers(draft, legal<SplitRole>(features[role]), answer, options);
    line.end(`${duration((performance.now() - begun) / 1000).padStart(6)}  ${kind}`);
  });
  const read = <Role extends SplitRole>(role: Role) => openTable(entry, role, role, { tables: thrifty(run.config) });
  return { train: read("train"), validation: read("validation"), test: read("test") };
}

/** There is one set of these tables for each kind of heads and seed: together they may keep about what the run's own may. */
function thrifty({ tables }: OpenedRun["run"]["config"]) {
  return { ...tables, memoryMegabytes: Math.max(1, Math.floor(tables.memoryMegabytes / 8)) };
}

/** Run by run of the table in files, so that features are never all in memory. */
async function writeAnswers(draft: StageDraft, table: PathTable, answer: Answer, { opened }: OtherHeadsOptions) {
  const { signal, config } = opened.run;
  for (const [i, run] of runsOf(table).entries()) {
    signal.throwIfAborted();
    const answered = await answer(takeSamples(table, samplesOf(run)), run.from);
    const part = encodeTablePart(answered, { from: run.from, elementType: config.tables.elements });
    await draft.write(`${table.role}/${String(i).padStart(5, "0")}.qpp`, part);
  }
}
