import { QueeError } from "@quee/core";
import type { ExitHead } from "@quee/exit-heads";
import { openSession, type Session } from "@quee/onnx-session";
import { type Random, randomStream, type Tensor, tensor } from "@quee/tensor";
import { adam, createTrainStep, earlyStopping, minibatches, oneHot, type TrainStep } from "@quee/training";
import { parametersAsInputs } from "../networks/parameters-as-inputs.js";
import { gatesOf, statisticsOf, takeSamples } from "./batches.js";
import { type ExitsOfSamples, exitsOfSamples, type JeiDnnSamples } from "./exits-of-samples.js";
import type { JeiDnnGates, JeiDnnNetwork } from "./network.js";
import { bestExits, headImportance, leaveLabels, positiveWeights } from "./targets.js";
import { gatesGraph, headNames, headsGraph } from "./training-graphs.js";
import { scoreGated } from "./validate.js";

/**
 * How samples weigh in the loss of a head. `as-described`: by the probability of leaving there, as the paper says. `published`:
 * all alike, which is what the gradient of the published code comes to, since it flows through the ratio r as well.
 */
export type HeadWeighting = "as-described" | "published";

export interface TrainJeiDnnOptions {
  readonly train: JeiDnnSamples;
  readonly validation: JeiDnnSamples;
  /** From the warm-up. */
  readonly heads: readonly ExitHead[];
  /** c_l of the exits, [E] */
  readonly cost: readonly number[];
  readonly lambda: number;
  readonly weighting: HeadWeighting;
  readonly batchSize: number;
  readonly epochs: number;
  /** Of the heads. */
  readonly learningRate: number;
  /** Of the gates: five numbers each, in few steps. */
  readonly gateLearningRate: number;
  readonly weightDecay: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** Batches of one phase, where an epoch has twice as many or more. */
const PHASE_BATCHES = 200;

/**
 * JEI-DNN (Regol et al., ICLR 2024) on cached features: phases in which only gates learn and phases in which only heads do take
 * turns, beginning with gates. The epoch with the least validation error + λ·cost is kept.
 */
export async function trainJeiDnn(options: TrainJeiDnnOptions): Promise<JeiDnnNetwork> {
  const { heads, weightDecay } = options;
  const optimizer = adam({ weightDecay });
  const graph = headsGraph(heads);
  const headParameters = heads.flatMap((_, l) => Object.values(headNames(l)));
  const session = await openSession(parametersAsInputs(graph, headParameters));
  try {
    const headStep = await createTrainStep({ graph, parameters: headParameters, optimizer });
    try {
      const parameters = ["gate_weight", "gate_bias"];
      const gateStep = await createTrainStep({ graph: gatesGraph(heads.length), parameters, optimizer });
      try {
        return await alternate(session, headStep, gateStep, options);
      } finally {
        await gateStep.release();
      }
    } finally {
      await headStep.release();
    }
  } finally {
    await session.release();
  }
}

async function alternate(
  session: Session,
  headStep: TrainStep,
  gateStep: TrainStep,
  options: TrainJeiDnnOptions,
): Promise<JeiDnnNetwork> {
  const { train, validation, heads, cost, lambda, weighting, batchSize, signal } = options;
  const gateCount = heads.length;
  const count = train.labels.length;
  const random: Random = randomStream(options.seed, "jei-dnn batches");
  const phaseBatches = Math.max(1, Math.min(PHASE_BATCHES, Math.floor(Math.ceil(count / batchSize) / 2)));
  const stopping = earlyStopping<JeiDnnNetwork>({ patience: Number.POSITIVE_INFINITY });
  let positive: Float32Array = new Float32Array(gateCount).fill(1);
  let phase: "gates" | "heads" = "heads";

  const learnGates = async ({ probabilities, crossEntropy }: ExitsOfSamples) => {
    const leaves = leaveLabels(bestExits(crossEntropy, cost, lambda), gateCount);
    const rows = leaves.length / gateCount;
    const feeds = {
      statistics: statisticsOf(probabilities.slice(0, gateCount), rows),
      leaves: tensor([rows, gateCount], leaves),
      positive_weight: tensor([gateCount], positive),
    };
    await gateStep.step(feeds, options.gateLearningRate);
  };
  const importanceOf = async (batch: JeiDnnSamples) => {
    if (weighting === "published") return new Float32Array(batch.labels.length * gateCount).fill(1);
    const { probabilities, crossEntropy } = await exitsOfSamples(session, headStep.parameters(), batch);
    return headImportance(gatesOf(gatesFrom(gateStep), probabilities, gateCount), crossEntropy, gateCount);
  };
  const learnHeads = async (batch: JeiDnnSamples) => {
    const feeds = {
      ...Object.fromEntries(batch.features.map((of, l) => [`features_${l}`, of] as const)),
      targets: oneHot(batch.labels, batch.classCount),
      importance: tensor([batch.labels.length, gateCount], await importanceOf(batch)),
    };
    await headStep.step(feeds, options.learningRate);
  };

  for (let epoch = 0; epoch < options.epochs; epoch++) {
    let index = 0;
    for (const rows of minibatches({ count, batchSize, random })) {
      signal?.throwIfAborted();
      if (index++ % phaseBatches === 0) phase = phase === "heads" ? "gates" : "heads";
      const batch = takeSamples(train, rows);
      if (phase === "gates") await learnGates(await exitsOfSamples(session, headStep.parameters(), batch));
      else await learnHeads(batch);
    }
    const exits = await exitsOfSamples(session, headStep.parameters(), validation);
    positive = positiveWeights(bestExits(exits.crossEntropy, cost, lambda), gateCount);
    const network = { heads: headsOf(headStep, gateCount), gates: gatesFrom(gateStep) };
    const score = scoreGated(network.gates, exits.probabilities, validation.labels, cost);
    stopping.observe(score.error + lambda * score.cost, () => network);
  }
  const best = stopping.best();
  if (best === null) throw noEpoch(options.epochs);
  return best.kept;
}

function gatesFrom(gateStep: TrainStep): JeiDnnGates {
  const parameters = gateStep.parameters();
  return { weight: parameters.get("gate_weight") as Tensor, bias: parameters.get("gate_bias") as Tensor };
}

function headsOf(headStep: TrainStep, gateCount: number): readonly ExitHead[] {
  const parameters = headStep.parameters();
  return Array.from({ length: gateCount }, (_, l) => {
    const { weight, bias } = headNames(l);
    return { weight: parameters.get(weight) as Tensor, bias: parameters.get(bias) as Tensor };
  });
}

function noEpoch(epochs: number): QueeError {
  const where = "joint epochs of JEI-DNN";
  return new QueeError({
    code: "E_JEI_DNN_EPOCHS",
    kind: "config",
    where,
    expected: "at least 1",
    got: String(epochs),
  });
}
