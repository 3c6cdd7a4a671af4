import { QueeError } from "@quee/core";
import type { Graph } from "@quee/onnx-graph";
import { openSession, type Session } from "@quee/onnx-session";
import type { Random, Tensor } from "@quee/tensor";
import { adam, createTrainStep, earlyStopping, minibatches, type TrainStep } from "@quee/training";
import { parametersAsInputs } from "./parameters-as-inputs.js";

type Feeds = Readonly<Record<string, Tensor>>;
type Parameters = ReadonlyMap<string, Tensor>;

/** How small networks are trained, whatever they learn. */
export interface Schedule {
  readonly batchSize: number;
  readonly maxEpochs: number;
  /** Epochs without a lower validation loss before training stops. */
  readonly patience: number;
  readonly learningRate: number;
  /** Coupled: added to the gradient. */
  readonly weightDecay: number;
  readonly signal?: AbortSignal | undefined;
}

/** What trainings share: the samples, and the order of them. */
export interface TrainNetworksOptions extends Schedule {
  /** One training each. All take in the same and put out `loss`. */
  readonly graphs: readonly Graph[];
  /** Initializers that are trained. */
  readonly parameters: readonly string[];
  /** N */
  readonly count: number;
  /** What the graphs take in for these samples. */
  readonly batch: (rows: Int32Array) => Feeds;
  /** An epoch in another order than at random: every sample once. */
  readonly batches?: (random: Random, batchSize: number) => Iterable<Int32Array>;
  /** Validation samples in pieces as large as memory has room for: the loss is the mean of theirs. */
  readonly validation: readonly ValidationPiece[];
  readonly random: Random;
  /** Called when one of the trainings has stopped, with how many have. */
  readonly onStop?: (stopped: number) => void;
}

/** Some validation samples. */
export interface ValidationPiece {
  readonly count: number;
  /** What graphs take in for them; asked for in every epoch. */
  readonly feeds: () => Feeds;
}

export interface TrainNetworkOptions extends Omit<TrainNetworksOptions, "graphs" | "onStop"> {
  readonly graph: Graph;
}

/** Adam with early stopping on the loss of validation samples. @returns the parameters of the best epoch, by name */
export async function trainNetwork({ graph, ...options }: TrainNetworkOptions): Promise<Parameters> {
  const [parameters] = await trainNetworks({ ...options, graphs: [graph] });
  return parameters;
}

/**
 * Several trainings in step: a batch is drawn and gathered once for all of them, which takes longer than a step of networks so
 * small. Each stops by itself, and is what it would be alone, bit for bit.
 * @returns by graph
 */
export async function trainNetworks(options: TrainNetworksOptions): Promise<readonly Parameters[]> {
  const { graphs, parameters, weightDecay } = options;
  const trainings: Training[] = [];
  try {
    for (const graph of graphs) {
      const session = await openSession(parametersAsInputs(graph, parameters));
      const stopping = earlyStopping<Parameters>(options);
      const step = createTrainStep({ graph, parameters, optimizer: adam({ weightDecay }) });
      trainings.push({ session, stopping, step: await step.catch((error) => releaseAndThrow(session, error)) });
    }
    await trainInStep(trainings, options);
  } finally {
    for (const { session, step } of trainings) {
      await step.release();
      await session.release();
    }
  }
  return trainings.map(({ stopping }, t) => {
    const best = stopping.best();
    if (best === null) throw notFinite(graphs[t].name);
    return best.kept;
  });
}

interface Training {
  /** Puts out the loss for any state of the parameters. */
  readonly session: Session;
  readonly step: TrainStep;
  readonly stopping: ReturnType<typeof earlyStopping<Parameters>>;
}

async function trainInStep(trainings: readonly Training[], options: TrainNetworksOptions): Promise<void> {
  const { maxEpochs, learningRate, batchSize, random, signal, onStop } = options;
  const deal = options.batches ?? (() => minibatches(options));
  const running = new Set(trainings);
  for (let epoch = 0; epoch < maxEpochs && running.size > 0; epoch++) {
    for (const rows of deal(random, batchSize)) {
      const feeds = options.batch(rows);
      for (const { step } of running) {
        signal?.throwIfAborted();
        await step.step(feeds, learningRate);
      }
    }
    const losses = await validationLosses([...running], options);
    for (const [training, { loss, parameters }] of losses) {
      const stops = training.stopping.observe(loss, () => parameters) || epoch + 1 === maxEpochs;
      if (!stops) continue;
      running.delete(training);
      onStop?.(trainings.length - running.size);
    }
  }
}

/** By training, with the parameters that it is the loss of. A piece is made ready once for all of them. */
async function validationLosses(
  trainings: readonly Training[],
  { validation, signal }: Pick<TrainNetworksOptions, "validation" | "signal">,
): Promise<ReadonlyMap<Training, { readonly loss: number; readonly parameters: Parameters }>> {
  const total = validation.reduce((sum, { count }) => sum + count, 0);
  const states = trainings.map((training) => ({ training, parameters: training.step.parameters(), sum: 0 }));
  for (const { count, feeds } of validation) {
    const own = feeds();
    for (const state of states) {
      signal?.throwIfAborted();
      const { loss } = await state.training.session.run({ ...Object.fromEntries(state.parameters), ...own }, ["loss"]);
      state.sum += count * loss.data[0];
    }
  }
  return new Map(states.map(({ training, parameters, sum }) => [training, { loss: sum / total, parameters }]));
}

async function releaseAndThrow(session: Session, error: unknown): Promise<never> {
  await session.release();
  throw error;
}

function notFinite(name: string): QueeError {
  const expected = "an epoch with a finite validation loss";
  return new QueeError({ code: "E_RIVAL_TRAINING", kind: "numeric", where: name, expected, got: "none" });
}
