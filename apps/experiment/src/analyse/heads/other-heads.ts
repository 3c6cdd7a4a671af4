import type { StageDraft } from "@quee/artifacts";
import { legalPaths, type Path, type PathSpace } from "@quee/core";
import {
  answerWithHeads,
  type ExitHead,
  exitHeadsSchema,
  exitHeadsToJson,
  type HeadTrainingSettings,
  retrainHeads,
} from "@quee/exit-heads";
import type { PathTable } from "@quee/path-tables";
import type { OpenedRun } from "../../run/open-run.js";
import { type Fingerprinted, headTrainingOf } from "../../run/run.js";
import type { Tables } from "../../stages/collect.js";
import { partsOf } from "../parts.js";
import type { GateRecipe } from "../recipe.js";
import { answerByFolds } from "./answer-by-folds.js";
import { crossFitHeads } from "./cross-fit-heads.js";
import { floatPaths } from "./feature-tables.js";

/** Heads other than those that answer in the run's own tables. */
export type OtherHeads = Exclude<GateRecipe["heads"], "as-trained">;

export interface OtherHeadsOptions {
  readonly opened: OpenedRun;
  readonly features: Tables & Fingerprinted;
  readonly space: PathSpace;
  readonly heads: OtherHeads;
  readonly seed: number;
}

/** Answers samples `from` … of a split. */
export type Answer = (samples: PathTable, from: number) => Promise<PathTable>;

interface FitOptions extends OtherHeadsOptions {
  readonly draft: StageDraft;
  readonly onEpoch: () => void;
}

/** Makes heads, leaves them in the draft, and gives back who answers. */
export const answersBy: Readonly<Record<OtherHeads, (options: FitOptions) => Promise<Answer>>> = {
  unquantized:
    async ({ opened }) =>
    (samples) =>
      answerWithHeads(samples, opened.heads.heads),

  "trained-on": (options) => retrained(options, floatPaths(options.space)),
  "path-mixed": (options) => retrained(options, legalPaths(options.space)),

  async "cross-fitted"(options) {
    const { opened, features, space, seed, draft } = options;
    const paths = floatPaths(space).slice(0, -1);
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
function settingsOf({ opened: { run }, seed, onEpoch }: FitOptions): HeadTrainingSettings {
  return { ...headTrainingOf(run.config), seed, onEpoch, signal: run.signal };
}

async function writeHeads(draft: StageDraft, name: string, heads: readonly ExitHead[]): Promise<void> {
  await draft.writeJson(`${name}.json`, exitHeadsSchema, exitHeadsToJson(heads));
}
