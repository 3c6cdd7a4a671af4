import { rmSync } from "node:fs";
import { canonicalJson, sha256 } from "@quee/artifacts";
import { fromTensor, type Graph } from "@quee/onnx-graph";
import type { Tensor } from "@quee/tensor";
import { adam, cosineSchedule, createTrainStep, oneHot } from "@quee/training";
import type { TrainingPlan } from "../config/backbone-schema.js";
import type { StageProgress } from "../run/progress.js";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { lossGraph } from "./loss-graph.js";
import type { TrainingImages } from "./training-images.js";

export interface NetworkTraining {
  /** `pixel_values` → `logits` */
  readonly graph: Graph;
  /** Names of the initializers that are trained. */
  readonly parameters: readonly string[];
  readonly images: TrainingImages;
  readonly plan: TrainingPlan;
  /** The file that a stopped training goes on from. */
  readonly checkpoint: string;
  /** What the training begins with, besides `plan` and `images`: a checkpoint of another one is not gone on with. */
  readonly origin: unknown;
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly progress: StageProgress;
  /** Validation top-1. */
  score(graph: Graph): Promise<number>;
}

/**
 * Trains weights of a network: Adam with decoupled weight decay, cosine schedule, gradients clipped to length 1. A stopped training
 * goes on from its last checkpoint, and gives the same bytes as one that was not.
 * @returns the trained network and its validation top-1
 */
export async function trainNetwork(
  training: NetworkTraining,
): Promise<{ readonly graph: Graph; readonly top1: number }> {
  const { graph, parameters, images, plan, checkpoint, origin, signal, progress } = training;
  const identity = sha256(canonicalJson({ plan, images: images.identity, origin }));
  const step = await createTrainStep({
    graph: lossGraph(graph, images.classCount, plan.labelSmoothing),
    parameters,
    optimizer: adam({ weightDecay: plan.weightDecay, decoupled: true }),
    clipNorm: 1,
    threads: training.threads,
  });
  try {
    const saved = await readCheckpoint(checkpoint, identity);
    if (saved !== null) {
      step.setState(saved);
      progress.note(`goes on after step ${saved.steps}`);
    }
    const rate = cosineSchedule({ base: plan.learningRate, steps: plan.steps, warmup: plan.warmupSteps, floor: 0 });
    const trained = () => withParameters(graph, step.parameters());
    const score = async (index: number, loss: number) => {
      const top1 = await training.score(trained());
      progress.note(`step ${index}: loss ${loss.toFixed(3)}, validation top-1 ${(100 * top1).toFixed(2)} %`);
      return top1;
    };
    let top1: number | null = null;
    for (let index = saved?.steps ?? 0; index < plan.steps; index++) {
      // Lets signals through: a step holds the event loop.
      await new Promise((next) => setImmediate(next));
      if (signal.aborted) await writeCheckpoint(checkpoint, identity, step.state());
      signal.throwIfAborted();
      const { images: pixels, labels } = await images.batch(index, plan.batchSize);
      const batch = { pixel_values: pixels, targets: oneHot(labels, images.classCount) };
      const { loss } = await step.step(batch, rate(index));
      progress.update(index + 1, plan.steps, `steps, loss ${loss.toFixed(3)}`);
      if ((index + 1) % plan.evaluateEvery !== 0 && index + 1 !== plan.steps) continue;
      await writeCheckpoint(checkpoint, identity, step.state());
      top1 = await score(index + 1, loss);
    }
    return { graph: trained(), top1: top1 ?? (await training.score(trained())) };
  } finally {
    await step.release();
  }
}

/** What a finished training no longer needs. */
export function removeCheckpoint(file: string): void {
  rmSync(file, { force: true });
}

function withParameters(graph: Graph, parameters: ReadonlyMap<string, Tensor>): Graph {
  const initializers = new Map(graph.initializers);
  for (const [name, value] of parameters) initializers.set(name, fromTensor(value));
  return { ...graph, initializers };
}
