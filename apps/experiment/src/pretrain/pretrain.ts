import { existsSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { canonicalJson, sha256, writeFileAtomically } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import {
  parsePreprocessorConfig,
  preprocessor,
  renderDigit,
  syntheticDigits,
  syntheticDigitsVersion,
} from "@quee/datasets";
import { encodeModel } from "@quee/onnx-codec";
import { fromTensor, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { argmaxRows, type Tensor } from "@quee/tensor";
import { adam, cosineSchedule, createTrainStep, crossEntropy } from "@quee/training";
import { buildVit, parameterNames } from "@quee/vit-architectures";
import { configsFolder } from "../bundled.js";
import { loadConfig } from "../config/load-config.js";
import type { ConfigFile } from "../config/schema.js";
import { openProgress } from "../run/open-progress.js";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.js";

const imageSize = 32;
const classCount = 10;

/** How the images go into the network, as `preprocessor_config.json` says it. */
const preprocessing = {
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
  /** Where the model goes; without it `models/<name>`. */
  readonly out?: string;
  readonly signal: AbortSignal;
}

/**
 * Trains a ViT for synthetic digits from scratch, every image seen once: the generator has no end. Adam with decoupled weight
 * decay, cosine schedule. A stopped training goes on from its last checkpoint, and gives the same bytes as one that was not.
 */
export async function pretrain(request: PretrainRequest): Promise<void> {
  const { config } = loadConfig(request.config, request.overrides, configsFolder, { keepPretrain: true });
  const { dataset, pretrain: plan } = config;
  if (plan === undefined || dataset.name !== "synthetic-digits") {
    throw new QueeError({
      code: "E_NO_PRETRAIN",
      kind: "config",
      file: request.config,
      where: plan === undefined ? "pretrain" : "dataset.name",
      expected: plan === undefined ? "how to train the backbone" : "synthetic-digits",
      got: plan === undefined ? "nothing" : dataset.name,
    });
  }
  const folder = resolve(request.out ?? join("models", config.backbone.model));
  const identity = sha256(canonicalJson({ plan, dataset, seed: config.seed, generator: syntheticDigitsVersion }));
  if (request.isDryRun) {
    console.log(`${plan.steps} steps of ${plan.batchSize} images, then ${join(folder, "model.onnx")}`);
    return;
  }
  if (existsSync(join(folder, "model.onnx"))) {
    throw new QueeError({
      code: "E_OUT_EXISTS",
      kind: "usage",
      file: join(folder, "model.onnx"),
      expected: "no model yet",
      got: "one",
      hint: "Choose another --out, or move it away",
    });
  }
  await mkdir(folder, { recursive: true });
  const checkpoint = join(folder, "checkpoint.bin");
  const graph = architectureOf(plan, config.seed);
  const step = await createTrainStep({
    graph: withLoss(graph, plan.labelSmoothing),
    parameters: parameterNames(graph),
    optimizer: adam({ weightDecay: plan.weightDecay, decoupled: true }),
    clipNorm: 1,
    threads: request.threads,
  });
  const trained = () => withParameters(graph, step.parameters());
  const saved = await readCheckpoint(checkpoint, identity);
  if (saved !== null) step.setState(saved);

  const rate = cosineSchedule({ base: plan.learningRate, steps: plan.steps, warmup: plan.warmupSteps, floor: 0 });
  const progress = openProgress();
  const line = progress.begin("pretrain");
  if (saved !== null) line.note(`goes on after step ${saved.steps}`);
  let loss = Number.NaN;
  for (let index = saved?.steps ?? 0; index < plan.steps; index++) {
    // Lets signals through: a step holds the event loop.
    await new Promise((next) => setImmediate(next));
    if (request.signal.aborted) await writeCheckpoint(checkpoint, identity, step.state());
    request.signal.throwIfAborted();
    const batch = batchAt(index, plan.batchSize, dataset.seed);
    loss = (await step.step(batch, rate(index))).loss;
    line.update(index + 1, plan.steps, `steps, loss ${loss.toFixed(3)}`);
    if ((index + 1) % plan.evaluateEvery === 0 || index + 1 === plan.steps) {
      await writeCheckpoint(checkpoint, identity, step.state());
      line.note(
        `step ${index + 1}: loss ${loss.toFixed(3)}, validation top-1 ${percent(await validate(trained(), config))}`,
      );
    }
  }
  const top1 = await validate(trained(), config);
  await writeFileAtomically(join(folder, "model.onnx"), encodeModel(trained()));
  await writeJson(join(folder, "preprocessor_config.json"), preprocessing);
  await writeJson(join(folder, "config.json"), description(config, plan, top1));
  await step.release();
  rmSync(checkpoint, { force: true });
  line.end(`validation top-1 ${percent(top1)}; ${join(folder, "model.onnx")}`);
}

type Plan = NonNullable<ConfigFile["pretrain"]>;

function architectureOf({ architecture }: Plan, seed: number): Graph {
  return buildVit({ imageSize, classCount, seed, ...architecture });
}

function withLoss(graph: Graph, labelSmoothing: number): Graph {
  const builder = GraphBuilder.from(graph);
  builder.clearOutputs();
  const targets = builder.input("targets", ["batch", classCount]);
  const loss = crossEntropy(builder, "logits", targets, { labelSmoothing });
  builder.output(loss, []);
  return { ...builder.build(), outputs: [{ name: loss, dtype: "float32", shape: [] }] };
}

function withParameters(graph: Graph, parameters: ReadonlyMap<string, Tensor>): Graph {
  const initializers = new Map(graph.initializers);
  for (const [name, value] of parameters) initializers.set(name, fromTensor(value));
  return { ...graph, initializers };
}

/** Images and one-hot labels of a step; no image comes twice. */
function batchAt(step: number, size: number, seed: number): { pixel_values: Tensor; targets: Tensor } {
  const area = 3 * imageSize * imageSize;
  const pixels = new Float32Array(size * area);
  const targets = new Float32Array(size * classCount);
  const [mean, deviation] = [0.5, 0.25];
  for (let i = 0; i < size; i++) {
    const { image, label } = renderDigit(seed, "train", step * size + i);
    for (let p = 0; p < area; p++) pixels[i * area + p] = ((image[p] ?? 0) / 255 - mean) / deviation;
    targets[i * classCount + label] = 1;
  }
  return {
    pixel_values: { shape: [size, 3, imageSize, imageSize], data: pixels },
    targets: { shape: [size, classCount], data: targets },
  };
}

async function validate(graph: Graph, { dataset }: ConfigFile): Promise<number> {
  if (dataset.name !== "synthetic-digits") return Number.NaN;
  const split = syntheticDigits({ seed: dataset.seed, role: "validation", count: dataset.validation.count });
  const prepare = preprocessor(parsePreprocessorConfig(preprocessing));
  const session = await openSession(graph);
  let right = 0;
  const size = 100;
  for (let from = 0; from < split.count; from += size) {
    const indices = Int32Array.from({ length: Math.min(size, split.count - from) }, (_, i) => from + i);
    const { logits } = await session.run({ pixel_values: prepare(split, indices) });
    const predicted = argmaxRows(logits as Tensor);
    for (const [i, index] of indices.entries()) if (predicted[i] === split.labels[index]) right++;
  }
  await session.release();
  return right / split.count;
}

function description(config: ConfigFile, { architecture, ...training }: Plan, top1: number) {
  return {
    model_type: "vit",
    image_size: imageSize,
    patch_size: architecture.patchSize,
    hidden_size: architecture.width,
    num_hidden_layers: architecture.depth,
    num_attention_heads: architecture.heads,
    mlp_ratio: architecture.mlpRatio,
    num_labels: classCount,
    exits: config.exits,
    metrics: { validation_top1: top1 },
    training: {
      command: `quee pretrain ${config.name}`,
      seed: config.seed,
      generator: syntheticDigitsVersion,
      ...training,
    },
  };
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}
