import { join, resolve } from "node:path";
import { openStageCache } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import { type TrainedExitHead, trainExitHeads } from "@quee/exit-heads";
import { runtimeVersion } from "@quee/onnx-session";
import { newModelFolder } from "../backbone/models-root.js";
import { claimFolder, writeBackbone } from "../backbone/write-backbone.js";
import { configsFolder } from "../bundled.js";
import { loadConfig } from "../config/load-config.js";
import type { ConfigFile } from "../config/schema.js";
import { top1Of } from "../pretrain/score-network.js";
import { splitImages } from "../pretrain/split-images.js";
import { removeCheckpoint, trainNetwork } from "../pretrain/train-network.js";
import { thisProcess } from "../run/machine.js";
import { openProgress } from "../run/open-progress.js";
import { type Dataset, openDataset } from "../stages/dataset.js";
import { checkDifferentiable } from "./check-differentiable.js";
import { featuresOf } from "./features.js";
import { type Origin, originOf } from "./origin.js";
import { trainableWeights } from "./trainable-weights.js";
import { withHead } from "./whole-network.js";

export interface FinetuneRequest {
  readonly config: string;
  readonly overrides: readonly string[];
  readonly threads: number;
  readonly isDryRun: boolean;
  /** Where the model goes; without it `<models root>/<name>`. */
  readonly out?: string;
  readonly signal: AbortSignal;
}

/**
 * Makes the backbone of a config out of a network that was trained on something else. Its head is trained anew on features of the
 * frozen network; where the config says so, all weights are trained after that. In this order, as Kumar et al. (arXiv 2202.10054):
 * with a head that knows nothing, the first steps would spoil the features.
 */
export async function finetune(request: FinetuneRequest): Promise<void> {
  const { config } = loadConfig(request.config, request.overrides, configsFolder, { keepTraining: true });
  const { finetune: plan, backbone, seed, batchSize } = config;
  if (plan === undefined) throw withoutPlan(request.config);
  const folder = newModelFolder(backbone.model, request.out);
  const dataset = await openDataset(config.dataset, resolve(process.env["QUEE_DATA"] ?? "data"));
  const origin = await originOf(config, plan, dataset);
  const { network, preprocessing } = origin;
  const weights = plan.network === undefined ? [] : trainableWeights(network.block.graph);
  if (plan.network !== undefined) checkDifferentiable(network, origin.file);
  if (request.isDryRun) {
    console.log(planned(config, dataset, origin.file, weights.length, folder));
    return;
  }
  await claimFolder(folder);
  const progress = openProgress();
  const { threads, signal } = request;

  const headLine = progress.begin("train head");
  const head = await trainHead(config, dataset, { origin, threads, signal, line: headLine });
  headLine.end(`validation top-1 ${percent(head.validationAccuracy)}, epoch ${head.bestEpoch + 1}`);
  const transferred = withHead(network, head);

  const checkpoint = join(folder, "checkpoint.bin");
  const line = progress.begin("finetune");
  const trained =
    plan.network === undefined
      ? { graph: transferred, top1: head.validationAccuracy }
      : await trainNetwork({
          ...{ graph: transferred, plan: plan.network, checkpoint, threads, signal, progress: line },
          parameters: trainableWeights(transferred),
          origin: { network: origin.sha256, head: plan.head, seed },
          images: splitImages({
            ...{ train: dataset.train, digest: dataset.digest("train"), preprocessing, seed },
            augmentation: plan.network.augmentation,
          }),
          score: (graph) => top1Of(graph, dataset.validation, { preprocessing, batchSize, threads, signal }),
        });
  await writeBackbone(folder, {
    ...{ graph: trained.graph, preprocessing, validationTop1: trained.top1, classNames: dataset.train.classNames },
    training: {
      command: `quee finetune ${config.name}`,
      ...{ seed, dataset: config.dataset, ...plan, originSha256: origin.sha256 },
    },
  });
  removeCheckpoint(checkpoint);
  line.end(`validation top-1 ${percent(trained.top1)}; ${join(folder, "model.onnx")}`);
}

interface HeadTraining {
  readonly origin: Origin;
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly line: ReturnType<ReturnType<typeof openProgress>["begin"]>;
}

async function trainHead(config: ConfigFile, dataset: Dataset, training: HeadTraining): Promise<TrainedExitHead> {
  const { origin, threads, signal, line } = training;
  const cache = await openStageCache(resolve("runs", ".cache"), thisProcess());
  const total = dataset.train.count + dataset.validation.count;
  const options = (before: number) => ({
    graph: origin.network.block.graph,
    width: origin.network.anatomy.featureWidth,
    network: origin.sha256,
    ...{ preprocessing: origin.preprocessing, batchSize: config.batchSize, threads, cache, signal },
    platform: { onnxruntime: runtimeVersion, architecture: process.arch },
    onImages: (done: number) => line.update(before + done, total, "images"),
  });
  const train = await featuresOf(dataset.train, dataset.digest("train"), options(0));
  const validation = await featuresOf(dataset.validation, dataset.digest("validation"), options(train.count));
  const settings = config.finetune?.head;
  const [head] = await trainExitHeads({
    ...{ train, validation, classCount: dataset.train.classCount, ...settings, seed: config.seed, signal },
    onEpoch: ({ epoch }) => line.update(epoch + 1, settings?.maxEpochs ?? epoch + 1, "epochs at most"),
  });
  return head as TrainedExitHead;
}

function planned(config: ConfigFile, dataset: Dataset, from: string, weights: number, folder: string): string {
  const { train, validation } = dataset;
  const all = config.finetune?.network;
  const then =
    all === undefined ? "" : `\n${all.steps} steps of ${all.batchSize} images, ${weights} weight tensors and the head`;
  return `from ${from}\na head for ${train.classCount} classes on features of ${train.count} + ${validation.count} images${then}\nthen ${join(folder, "model.onnx")}`;
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}

function withoutPlan(file: string): QueeError {
  return new QueeError({
    code: "E_NO_FINETUNE",
    kind: "config",
    file,
    where: "finetune",
    expected: "how to make the backbone out of another network, e.g. finetune: { from: FOLDER }",
    got: "nothing",
  });
}
