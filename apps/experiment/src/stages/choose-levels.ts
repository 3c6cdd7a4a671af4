import { join } from "node:path";
import { stageKey, writeJson } from "@quee/artifacts";
import { preprocessor } from "@quee/datasets";
import { decodeModel } from "@quee/onnx-codec";
import type { Graph } from "@quee/onnx-graph";
import { type BlockEncodings, fakeQuantizeGraph, wholeNetwork, withStem } from "@quee/ptq4vit-quantizer";
import { argmaxRows } from "@quee/tensor";
import { z } from "zod";
import type { ConfigFile } from "../config/schema.js";
import { answersOf } from "../quantize/answers.js";
import { findEncodings } from "../quantize/find-encodings.js";
import type { StageProgress } from "../run/progress.js";
import { type Run, StageToDo } from "../run/run.js";
import { calibrationBatches } from "./calibration-batches.js";
import type { Dataset } from "./dataset.js";
import { chooseByAccuracy, triedLevels } from "./level-rule.js";
import type { Prepared } from "./prepare.js";

/** `levels.json` of a run whose config says `levels: auto`. */
const choiceSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** Validation top-1 of the last exit. */
  floatTop1: z.number(),
  levels: z.array(z.int()),
  isKept: z.boolean(),
  seen: z.array(z.strictObject({ bits: z.int(), stemBits: z.int(), top1: z.number() })),
});
type Choice = z.infer<typeof choiceSchema>;

export interface ChosenLevels {
  /** The run with levels that are known. */
  readonly run: Run;
  /** What was seen, in words; null where the config gives the levels. */
  readonly levelChoice: string | null;
}

/** Chooses the levels of `levels: auto` by the validation accuracy of the whole network at one bit-width; others are left alone. */
export async function chooseLevels(
  run: Run<ConfigFile>,
  dataset: Dataset,
  prepared: Prepared & { readonly fingerprint: string },
): Promise<ChosenLevels> {
  const { config, directory, cache, progress } = run;
  const withLevels = (levels: number[]): Run => ({ ...run, config: { ...config, levels } });
  if (config.levels !== "auto") return { run: withLevels(config.levels), levelChoice: null };
  const key = stageKey({
    stage: "choose-levels",
    version: 1,
    inputs: {
      prepared: prepared.fingerprint,
      model: prepared.model.sha256,
      preprocessing: prepared.model.preprocessing,
      train: dataset.digest("train"),
      validation: dataset.digest("validation"),
      calibration: config.calibration,
      quantizer: config.quantizer,
      seed: config.seed,
      batchSize: config.batchSize,
      platform: run.platform,
    },
  });
  if (directory === null && (await cache.open(key)) === null) throw new StageToDo("quantize-blocks");
  const line = progress.begin("choose-levels");
  const { entry } = await cache.produce(key, async (draft) => {
    await draft.writeJson("levels.json", choiceSchema, await choose(run, dataset, prepared, line));
  });
  const choice = await entry.readJson("levels.json", choiceSchema);
  if (directory !== null) await writeJson(join(directory.path, "levels.json"), choiceSchema, choice);
  const levelChoice = wordsOf(choice);
  line.end(levelChoice);
  return { run: withLevels(choice.levels), levelChoice };
}

async function choose(
  run: Run<ConfigFile>,
  dataset: Dataset,
  prepared: Prepared,
  progress: StageProgress,
): Promise<Choice> {
  const { config, signal } = run;
  const { stem, ...settings } = config.quantizer;
  const { file, bytes } = prepared.model;
  const network = wholeNetwork(decodeModel(bytes, { file }));
  const { batches, labels } = await calibrationBatches(run, dataset, prepared, progress);
  const found = await findEncodings({
    ...{ blocks: [network], settings, stem: "levels", levels: triedLevels, labels, signal, threads: run.threads },
    batches: () => batches,
    onSite: (done, total) => progress.update(done, total, "products"),
  });
  const encodings = new Map(found.blocks[0]?.map((one) => [one.bits, one]));
  const top1Of = (graph: Graph) => top1(run, dataset, prepared, graph, progress);
  const floatTop1 = await top1Of(network.graph);
  const choice = await chooseByAccuracy(floatTop1, async (level, stemBits) => {
    const own = encodings.get(level) as BlockEncodings;
    const highest = encodings.get(stemBits) as BlockEncodings;
    // A stem at the levels is that of block 1, which every path runs at the highest.
    const [encoded] = withStem([own, highest], network.sites, stem === "float" ? "float" : "highest");
    return top1Of(fakeQuantizeGraph(network.graph, encoded as BlockEncodings));
  });
  return { schemaVersion: 1, floatTop1, isKept: choice.isKept, levels: [...choice.levels], seen: [...choice.seen] };
}

/** Share of validation images that a network answers right. */
async function top1(
  run: Run<ConfigFile>,
  { validation }: Dataset,
  { model }: Prepared,
  graph: Graph,
  progress: StageProgress,
): Promise<number> {
  const { config, signal } = run;
  const prepare = preprocessor(model.preprocessing);
  async function* batches() {
    for (let from = 0; from < validation.count; from += config.batchSize) {
      const size = Math.min(config.batchSize, validation.count - from);
      yield await prepare(
        validation,
        Int32Array.from({ length: size }, (_, i) => from + i),
      );
    }
  }
  const [logits] = await answersOf([graph], batches(), {
    ...{ pool: await run.pool(), signal },
    onImages: (done) => progress.update(done, validation.count, "validation images"),
  });
  const answers = logits === undefined ? [] : argmaxRows(logits);
  return answers.filter((answer, i) => answer === validation.labels[i]).length / validation.count;
}

function wordsOf({ floatTop1, levels, isKept, seen }: Choice): string {
  const percent = (fraction: number) => `${(100 * fraction).toFixed(1)} %`;
  const looked = seen.map(({ bits: width, stemBits, top1: share }) => {
    const stem = stemBits === width ? "" : ` with the stem at ${stemBits}`;
    return `${width} bits${stem} ${percent(share)}`;
  });
  const highest = isKept ? `${levels[0]} keeps it` : `even ${levels[0]} bits lose more than half a point`;
  return `${levels.join(", ")} bits: validation top-1 ${percent(floatTop1)} in float, ${looked.join(", ")}; ${highest}`;
}
