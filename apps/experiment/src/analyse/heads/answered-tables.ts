import { type StageDraft, stageKey } from "@quee/artifacts";
import { legalPaths, type Path, type PathSpace, type SplitRole } from "@quee/core";
import {
  answerWithHeads,
  type ExitHead,
  exitHeadsSchema,
  exitHeadsToJson,
  type HeadTrainingSettings,
  retrainHeads,
} from "@quee/exit-heads";
import { encodeTablePart, type PathTable, runsOf, samplesOf, takeSamples } from "@quee/path-tables";
import type { OpenedRun } from "../../run/open-run.js";
import { duration } from "../../run/progress.js";
import type { Fingerprinted } from "../../run/run.js";
import { roles, type Tables } from "../../stages/collect.js";
import { openTable } from "../../stages/table-files.js";
import { partsOf } from "../parts.js";
import type { GateRecipe } from "../recipe.js";
import { answerByFolds } from "./answer-by-folds.js";
import { crossFitHeads } from "./cross-fit-heads.js";
import { floatPaths } from "./feature-tables.js";

/** Heads other than those that answer in the run's own tables. */
export type OtherHeads = Exclude<GateRecipe["heads"], "as-trained">;

export interface AnsweredTablesOptions {
  readonly opened: OpenedRun;
  readonly features: Tables & Fingerprinted;
  readonly space: PathSpace;
  readonly heads: OtherHeads;
  readonly seed: number;
}

/**
 * Tables of a run as other heads would answer them, from what heads read. All of these heads are float32, those of the run
 * (`unquantized`) included: that row is what the others are to be compared with, since the run's own answers come from heads at the bits
 * of their block. Kept in the stage cache and read from files, like the run's tables.
 */
export async function answeredTables(options: AnsweredTablesOptions): Promise<Tables> {
  const { opened, features, space, heads: kind, seed } = options;
  const { run, heads } = opened;
  const key = stageKey({
    stage: "analyse-heads",
    version: 1,
    inputs: {
      ...{ kind, features: features.fingerprint, heads: heads.fingerprint, elements: run.config.tables.elements },
      ...(kind === "unquantized" ? {} : { settings: run.config.heads, seed }),
      platform: run.platform,
    },
  });
  const { entry } = await run.cache.produce(key, async (draft) => {
    const line = run.progress.begin("heads");
    const begun = performance.now();
    const answer = await answersBy[kind]({ ...options, draft });
    const legal = <Role extends SplitRole>(table: PathTable<Role>) => ({ ...table, paths: legalPaths(space) });
    for (const role of roles) await writeAnswers(draft, legal<SplitRole>(features[role]), answer, options);
    line.end(`${duration((performance.now() - begun) / 1000).padStart(6)}  ${kind}`);
  });
  const read = <Role extends SplitRole>(role: Role) => openTable(entry, role, role, run.config);
  return { train: read("train"), validation: read("validation"), test: read("test") };
}

/** Answers samples `from` … of a split. */
type Answer = (samples: PathTable, from: number) => Promise<PathTable>;

interface FitOptions extends AnsweredTablesOptions {
  readonly draft: StageDraft;
}

const answersBy: Readonly<Record<OtherHeads, (options: FitOptions) => Promise<Answer>>> = {
  unquantized:
    async ({ opened }) =>
    (samples) =>
      answerWithHeads(samples, opened.heads.heads),

  "trained-on": (options) => retrained(options, floatPaths(options.space)),
  "path-mixed": (options) => retrained(options, legalPaths(options.space)),

  async "cross-fitted"(options) {
    const { opened, features, space, seed, draft } = options;
    const paths = floatPaths(space);
    const { fit } = partsOf(features, paths, seed);
    const finalHead = opened.heads.heads.at(-1) as ExitHead;
    const { train } = features;
    const { foldOf, heads } = await crossFitHeads({ ...settingsOf(options), train, validation: fit, paths, finalHead });
    for (const [fold, own] of heads.entries()) await writeHeads(draft, `heads-of-fold-${fold}`, own);
    return (samples, from) =>
      samples.role === "train"
        ? answerByFolds(samples, foldOf.subarray(from, from + samples.count), heads)
        : answerWithHeads(samples, opened.heads.heads);
  },
};

/** Heads retrained on what they read along some paths, by the half of the validation images that stops trainings. */
async function retrained(options: FitOptions, paths: readonly Path[]): Promise<Answer> {
  const { opened, features, seed, draft } = options;
  // Test images may lack these paths, and are not asked.
  const { train, fit } = partsOf(features, paths, seed);
  const heads = await retrainHeads({ ...settingsOf(options), train, validation: fit, heads: opened.heads.heads });
  await writeHeads(draft, "heads", heads);
  return (samples) => answerWithHeads(samples, heads);
}

/** As the run trained its own. */
function settingsOf({ opened: { run }, seed }: AnsweredTablesOptions): HeadTrainingSettings {
  return { ...run.config.heads, seed, signal: run.signal };
}

async function writeHeads(draft: StageDraft, name: string, heads: readonly ExitHead[]): Promise<void> {
  await draft.writeJson(`${name}.json`, exitHeadsSchema, exitHeadsToJson(heads));
}

/** Run by run of the table in files, so that features are never all in memory. */
async function writeAnswers(draft: StageDraft, table: PathTable, answer: Answer, { opened }: AnsweredTablesOptions) {
  const { signal, config } = opened.run;
  for (const [i, run] of runsOf(table).entries()) {
    signal.throwIfAborted();
    const answered = await answer(takeSamples(table, samplesOf(run)), run.from);
    const part = encodeTablePart(answered, { from: run.from, elementType: config.tables.elements });
    await draft.write(`${table.role}/${String(i).padStart(5, "0")}.qpp`, part);
  }
}
