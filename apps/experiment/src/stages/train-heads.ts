import type { SplitRole } from "@quee/core";
import type { AnyImageSplit } from "@quee/datasets";
import { exitHeadsSchema, exitHeadsToJson, type FeatureSplit, parseExitHeads, trainExitHeads } from "@quee/exit-heads";
import type { Program, SessionPool } from "@quee/onnx-session";
import { type Tensor, zeros } from "@quee/tensor";
import type { Head } from "@quee/vit-blocks";
import { z } from "zod";
import type { ConfigFile } from "../config/schema.js";
import type { StageProgress } from "../run/progress.js";
import { headTrainingOf, type Run, runStage } from "../run/run.js";
import type { Dataset } from "./dataset.js";
import { imageSource } from "./image-source.js";
import type { Prepared } from "./prepare.js";

const trainingSchema = z.strictObject({
  /** Validation top-1 of each trained head on full-precision features. */
  validationTop1: z.array(z.number()),
  /** The epoch that was kept, from 1. */
  bestEpoch: z.array(z.int()),
});

export interface Heads {
  /** One per exit; the last is the backbone's own. */
  readonly heads: readonly Head[];
  readonly training: z.infer<typeof trainingSchema>;
}

/** Trains the heads of the intermediate exits on features of the frozen full-precision network. */
export async function trainHeads(run: Run<ConfigFile>, dataset: Dataset, prepared: Prepared & { fingerprint: string }) {
  const { config } = run;
  const { classCount } = prepared.anatomy;
  return runStage<Heads>(run, {
    name: "train-heads",
    version: 1,
    inputs: {
      prepared: prepared.fingerprint,
      preprocessing: prepared.model.preprocessing,
      train: dataset.digest("train"),
      validation: dataset.digest("validation"),
      heads: headTrainingOf(config),
      batchSize: config.batchSize,
      seed: config.seed,
    },
    async produce(draft, progress) {
      const features = await collectFeatures(run, prepared, [dataset.train, dataset.validation], progress);
      const trained = await trainExitHeads({
        train: features(dataset.train),
        validation: features(dataset.validation),
        classCount,
        ...headTrainingOf(config),
        seed: config.seed,
        signal: run.signal,
        onEpoch: ({ exit, epoch }) =>
          progress.update(
            (exit - 1) * config.heads.maxEpochs + epoch + 1,
            (config.exits.length - 1) * config.heads.maxEpochs,
            "epochs at most",
          ),
      });
      await draft.writeJson("heads.json", exitHeadsSchema, exitHeadsToJson(trained));
      await draft.writeJson("training.json", trainingSchema, {
        validationTop1: trained.map(({ validationAccuracy }) => validationAccuracy),
        bestEpoch: trained.map(({ bestEpoch }) => bestEpoch + 1),
      });
    },
    async load(entry) {
      const heads = parseExitHeads(await entry.readJson("heads.json", exitHeadsSchema));
      return { heads: [...heads, prepared.finalHead], training: await entry.readJson("training.json", trainingSchema) };
    },
    describe: ({ training }) =>
      `validation top-1 ${training.validationTop1.map((top1) => `${(100 * top1).toFixed(1)} %`).join(", ") || "(no exit but the last)"}`,
  });
}

/** `exit_features` of every exit for all images of some splits, [N, F] each. */
async function collectFeatures(
  run: Run<ConfigFile>,
  { blocks, finalHead, model }: Prepared,
  splits: readonly AnyImageSplit<SplitRole>[],
  progress: StageProgress,
): Promise<<Role extends SplitRole>(split: AnyImageSplit<Role>) => FeatureSplit<Role>> {
  const pool = await run.pool();
  for (const { index, graph } of blocks) pool.register(featureModel(index), graph);
  const total = splits.reduce((sum, { count }) => sum + count, 0);
  // Class token and mean side by side are wider than a token; every exit pools as the network does.
  const width = finalHead.weight.shape[0] as number;
  let done = 0;
  const collected = new Map<AnyImageSplit<SplitRole>, readonly Tensor[]>();
  for (const split of splits) {
    // The last exit keeps the head that it has.
    const features = blocks.slice(0, -1).map(() => zeros([split.count, width]));
    await forEachBatch(run, pool, split.count, async (indices) => {
      const images = await imageSource(split, model.preprocessing).batch(indices);
      const outputs = await pool.program(
        featureProgram(blocks.length - 1),
        { pixel_values: images },
        { signal: run.signal },
      );
      for (const [j, { data }] of features.entries()) {
        data.set(outputs[`exit_${j + 1}`]?.data as Float32Array, (indices[0] ?? 0) * width);
      }
      done += indices.length;
      progress.update(done, total, "images");
    });
    collected.set(split, features);
  }
  for (const { index } of blocks) pool.release(featureModel(index));
  return (split) => {
    const { role, count, classCount, labels } = split;
    return { role, count, classCount, labels, features: collected.get(split) ?? [] };
  };
}

/** Consecutive batches, as many at a time as the pool takes. */
async function forEachBatch(
  run: Run<ConfigFile>,
  pool: SessionPool,
  count: number,
  work: (indices: Int32Array) => Promise<void>,
) {
  const size = run.config.batchSize;
  const underWay: Promise<void>[] = [];
  for (let from = 0; from < count; from += size) {
    run.signal.throwIfAborted();
    await pool.ready({ signal: run.signal });
    const batch = work(Int32Array.from({ length: Math.min(size, count - from) }, (_, i) => from + i));
    // Its failure is thrown where it is awaited; without a listener until then it would end the program.
    batch.catch(() => undefined);
    underWay.push(batch);
    // A failure is seen by the next turn, not after all images.
    if (underWay.length > 4 * pool.workers) await underWay.shift();
  }
  await Promise.all(underWay);
}

function featureModel(block: number): string {
  return `features/block-${block}`;
}

function featureProgram(blockCount: number): Program {
  const blocks = Array.from({ length: blockCount }, (_, j) => j);
  const feedsOf = (j: number): Program["steps"][number]["feeds"] =>
    j === 0
      ? { pixel_values: { from: "input", name: "pixel_values" } }
      : { hidden_states_in: { from: "step", step: j - 1, output: "hidden_states" } };
  return {
    steps: blocks.map((j) => ({ model: featureModel(j + 1), feeds: feedsOf(j) })),
    outputs: Object.fromEntries(blocks.map((j) => [`exit_${j + 1}`, { step: j, output: "exit_features" }])),
  };
}
