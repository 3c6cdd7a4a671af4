import { QueeError } from "@quee/core";
import type { ExitHead } from "@quee/exit-heads";
import { openSession, type Session } from "@quee/onnx-session";
import { type Random, randomStream, tensor } from "@quee/tensor";
import { adam, createTrainStep, earlyStopping, type TrainStep } from "@quee/training";
import { exitsGraph } from "./exits-graph.js";
import { type ExitsOfSamples, exitsOfSamples } from "./exits-of-samples.js";
import { tallyGates } from "./gate-tally.js";
import { gatesGraph } from "./gates-graph.js";
import { headNames, headsGraph } from "./heads-graph.js";
import { gatesAt, gatesOf, headsAt, type JeiDnnNetwork } from "./network.js";
import { cutSamples, feedsOf, type JeiDnnBatch, type JeiDnnSamples, takeSamples } from "./samples.js";
import { bestExits, headImportance, leaveLabels, positiveWeights } from "./targets.js";

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
  /** One training each. */
  readonly lambdas: readonly number[];
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
 *
 * The trainings of all λ see the same batches, so they go side by side: one run of a graph is a step of every one of them. Where
 * all samples weigh alike, no λ reaches the heads, and one set of them serves all.
 * @returns a network for each λ, as if it had been trained alone
 */
export async function trainJeiDnn(options: TrainJeiDnnOptions): Promise<readonly JeiDnnNetwork[]> {
  const { heads, lambdas, weighting, weightDecay } = options;
  const optimizer = adam({ weightDecay });
  const sets = weighting === "published" ? 1 : lambdas.length;
  const session = await openSession(exitsGraph(heads, sets));
  try {
    const headParameters = heads.flatMap((_, l) => Object.values(headNames(l)));
    const headStep = await createTrainStep({ graph: headsGraph(heads, sets), parameters: headParameters, optimizer });
    try {
      const graph = gatesGraph(heads.length, lambdas.length);
      const gateStep = await createTrainStep({ graph, parameters: ["gate_weight", "gate_bias"], optimizer });
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
): Promise<readonly JeiDnnNetwork[]> {
  const { train, validation, heads, cost, lambdas, weighting, batchSize, signal } = options;
  const gateCount = heads.length;
  const count = train.labels.length;
  const random: Random = randomStream(options.seed, "jei-dnn batches");
  const phaseBatches = Math.max(1, Math.min(PHASE_BATCHES, Math.floor(Math.ceil(count / batchSize) / 2)));
  const trainings = lambdas.map((lambda) => ({
    lambda,
    positive: new Float32Array(gateCount).fill(1) as Float32Array,
    stopping: earlyStopping<JeiDnnNetwork>({ patience: Number.POSITIVE_INFINITY }),
  }));
  const setOf = (place: number) => (weighting === "published" ? 0 : place);
  const bestFor = ({ crossEntropy }: ExitsOfSamples, place: number) =>
    bestExits(crossEntropy[setOf(place)], cost, lambdas[place]);
  let phase: "gates" | "heads" = "heads";

  const learnGates = async (exits: ExitsOfSamples, rows: number) => {
    const leaves = lambdas.map((_, place) => leaveLabels(bestFor(exits, place), gateCount));
    const feeds = {
      statistics: exits.statistics,
      leaves: tensor([lambdas.length, rows, gateCount], oneAfterAnother(leaves)),
      positive_weight: tensor([lambdas.length, 1, gateCount], oneAfterAnother(trainings.map((one) => one.positive))),
    };
    await gateStep.step(feeds, options.gateLearningRate);
  };
  const importanceOf = async (batch: JeiDnnBatch) => {
    if (weighting === "published") return [new Float32Array(batch.labels.length * gateCount).fill(1)];
    const exits = await exitsOfSamples(session, headStep.parameters(), batch);
    return exits.crossEntropy.map((losses, set) => headImportance(gatesIn(exits, set), losses, gateCount));
  };
  const learnHeads = async (batch: JeiDnnBatch) => {
    const byHeads = await importanceOf(batch);
    const importance = tensor([byHeads.length, batch.labels.length, gateCount], oneAfterAnother(byHeads));
    await headStep.step({ ...feedsOf(batch), importance }, options.learningRate);
  };
  const gatesIn = ({ statistics: { shape, data } }: ExitsOfSamples, place: number) => {
    const size = data.length / shape[0];
    const own = data.subarray(setOf(place) * size, (setOf(place) + 1) * size);
    return gatesOf(gatesAt(gateStep.parameters(), place), own);
  };
  const validate = async () => {
    const seen: ExitsOfSamples[] = [];
    for (const run of cutSamples(validation, batchSize))
      seen.push(await exitsOfSamples(session, headStep.parameters(), run));
    for (const [place, one] of trainings.entries()) {
      const best = seen.flatMap((exits) => [...bestFor(exits, place)]);
      one.positive = positiveWeights(Int32Array.from(best), gateCount);
      const tallies = seen.map((exits) => tallyGates(gatesIn(exits, place), exits.right[setOf(place)], cost));
      const total = (of: "wrong" | "paid") => tallies.reduce((sum, tally) => sum + tally[of], 0) / best.length;
      one.stopping.observe(total("wrong") + one.lambda * total("paid"), () => ({
        heads: headsAt(headStep.parameters(), gateCount, setOf(place)),
        gates: gatesAt(gateStep.parameters(), place),
      }));
    }
  };

  for (let epoch = 0; epoch < options.epochs; epoch++) {
    let index = 0;
    for (const rows of train.features.batches(random, batchSize)) {
      signal?.throwIfAborted();
      if (index++ % phaseBatches === 0) phase = phase === "heads" ? "gates" : "heads";
      const batch = takeSamples(train, rows);
      if (phase === "heads") await learnHeads(batch);
      else await learnGates(await exitsOfSamples(session, headStep.parameters(), batch), rows.length);
    }
    await validate();
  }
  return trainings.map(({ stopping }) => {
    const best = stopping.best();
    if (best === null) throw noEpoch(options.epochs);
    return best.kept;
  });
}

function oneAfterAnother(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
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
