import { join, resolve } from "node:path";
import { QueeError } from "@quee/core";
import { type PreprocessorConfig, parsePreprocessorConfig } from "@quee/datasets";
import type { Graph } from "@quee/onnx-graph";
import { type ArchitectureName, buildArchitecture, buildVit, parameterNames } from "@quee/vit-architectures";
import { newModelFolder } from "../backbone/models-root.js";
import { preparedShape } from "../backbone/prepared-shape.js";
import { claimFolder, writeBackbone } from "../backbone/write-backbone.js";
import { configsFolder } from "../bundled.js";
import type { PretrainPlan } from "../config/backbone-schema.js";
import { loadConfig } from "../config/load-config.js";
import { openProgress } from "../run/open-progress.js";
import { type Dataset, openDataset } from "../stages/dataset.js";
import { generatedDigits } from "./generated-digits.js";
import { top1Of } from "./score-network.js";
import { splitImages } from "./split-images.js";
import { removeCheckpoint, trainNetwork } from "./train-network.js";

/** How synthetic digits go into a network where the config does not say. */
const digitPreprocessing = {
  image_processor_type: "ViTImageProcessor",
  do_resize: false,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.25, 0.25, 0.25],
};

export interface PretrainRequest {
  readonly config: string;
  readonly overrides: readonly string[];
  readonly threads: number;
  readonly isDryRun: boolean;
  /** Where the model goes; without it `<models root>/<name>`. */
  readonly out?: string;
  readonly signal: AbortSignal;
}

/**
 * Trains the backbone of a config from scratch on its training images, or on synthetic digits without end. A stopped training
 * goes on from its last checkpoint, and gives the same bytes as one that was not.
 */
export async function pretrain(request: PretrainRequest): Promise<void> {
  const { config } = loadConfig(request.config, request.overrides, configsFolder, { keepTraining: true });
  const { pretrain: plan, seed, backbone } = config;
  if (plan === undefined) throw lacking(request.config, "pretrain", "how to train the backbone");
  const isGenerated = config.dataset.name === "synthetic-digits";
  const preprocessing =
    backbone.preprocessing ?? (isGenerated ? parsePreprocessorConfig(digitPreprocessing) : undefined);
  if (preprocessing === undefined) {
    throw lacking(request.config, "backbone.preprocessing", "how images are prepared for the network");
  }
  if (isGenerated && plan.augmentation !== undefined) {
    throw lacking(request.config, "pretrain.augmentation", "none for synthetic digits, which never come twice", "some");
  }
  const folder = newModelFolder(backbone.model, request.out);
  if (request.isDryRun) {
    console.log(`${plan.steps} steps of ${plan.batchSize} images, then ${join(folder, "model.onnx")}`);
    return;
  }
  await claimFolder(folder);
  const dataset = await openDataset(config.dataset, resolve(process.env["QUEE_DATA"] ?? "data"));
  const images =
    config.dataset.name === "synthetic-digits"
      ? generatedDigits(config.dataset.seed, preprocessing)
      : splitImages({
          ...{ train: dataset.train, digest: dataset.digest("train"), preprocessing, seed },
          augmentation: plan.augmentation,
        });
  const fresh = await freshNetwork(plan, dataset, preprocessing, seed);
  const line = openProgress().begin("pretrain");
  const checkpoint = join(folder, "checkpoint.bin");
  const { threads, signal } = request;
  const { graph, top1 } = await trainNetwork({
    ...{ graph: fresh, parameters: parameterNames(fresh), images, plan, checkpoint, threads, signal, progress: line },
    origin: { seed },
    score: (candidate) =>
      top1Of(candidate, dataset.validation, { preprocessing, batchSize: config.batchSize, threads, signal }),
  });
  await writeBackbone(folder, {
    ...{ graph, preprocessing, validationTop1: top1, classNames: dataset.train.classNames },
    training: { command: `quee pretrain ${config.name}`, seed, dataset: config.dataset, ...plan },
  });
  removeCheckpoint(checkpoint);
  line.end(`validation top-1 ${(100 * top1).toFixed(2)} %; ${join(folder, "model.onnx")}`);
}

async function freshNetwork(
  { architecture }: PretrainPlan,
  dataset: Dataset,
  preprocessing: PreprocessorConfig,
  seed: number,
): Promise<Graph> {
  const [, height] = await preparedShape(dataset, preprocessing);
  const options = { imageSize: height, classCount: dataset.train.classCount, seed };
  return typeof architecture === "string"
    ? buildArchitecture(architecture as ArchitectureName, options)
    : buildVit({ ...options, ...architecture });
}

function lacking(file: string, where: string, expected: string, got = "nothing"): QueeError {
  return new QueeError({ code: "E_NO_PRETRAIN", kind: "config", file, where, expected, got });
}
