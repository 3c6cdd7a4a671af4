import { type PathSpace, QueeError } from "@quee/core";
import { randomStream, type Tensor } from "@quee/tensor";
import { adam, createTrainStep, type EpochReport, fit } from "@quee/training";
import type { GateArchitecture, Reading } from "./architecture.js";
import { encodingOf } from "./encode-path.js";
import { gateBatch } from "./gate-batch.js";
import { createGates, type Gates } from "./gates.js";
import { type GateNetwork, initialNetwork, networkFrom, parametersOf } from "./network.js";
import { type GatePairs, gatePairs, type PathTargets } from "./pairs.js";
import { meanSquaredErrorOf } from "./predictions-on-table.js";
import type { ProbabilityTable } from "./probability-table.js";
import { remembered, type TableTargets } from "./remembered.js";
import { trainingGraph } from "./training-graph.js";

export interface TrainGatesOptions {
  readonly train: ProbabilityTable<"train">;
  /** Only for early stopping. */
  readonly validation: ProbabilityTable<"validation">;
  /** What to predict; asked once per path and table. */
  readonly targets: TableTargets;
  readonly space: PathSpace;
  readonly reading?: Reading;
  /** Default 8; reading B has none. */
  readonly embedding?: number;
  /** Default 16. QuEE, table 3: 16 on SVHN and CIFAR-10, 32 on CIFAR-100 and ImageNet. */
  readonly hidden?: number;
  /** Images per step, each with all pairs of the gate. */
  readonly batchSize?: number;
  readonly maxEpochs?: number;
  /** Epochs without a lower validation error before a gate stops. */
  readonly patience?: number;
  readonly learningRate?: number;
  /** Coupled: added to the gradient. */
  readonly weightDecay?: number;
  readonly seed: number;
  readonly onEpoch?: (report: GateEpoch) => void;
  readonly signal?: AbortSignal;
}

/** Losses are mean squared errors over images and pairs. */
export interface GateEpoch extends EpochReport {
  /** 2 … E */
  readonly gate: number;
}

/**
 * Trains h² … h^E, each by itself, to predict p̃e of every candidate from every prefix: mean squared error, Adam, early
 * stopping on validation data, the best epoch kept. QuEE (arXiv 2406.14404), sections 4.2 and 5.2.
 */
export async function trainGates(options: TrainGatesOptions): Promise<Gates> {
  const { train, space, reading = "A", hidden = 16 } = options;
  if (reading === "B" && options.embedding !== undefined) throw noEmbedding(options.embedding);
  const embedding = reading === "B" ? null : (options.embedding ?? 8);
  const { classCount } = train;
  const architecture: GateArchitecture = { reading, embedding, hidden, classCount, exitCount: space.exitCount };
  const targets = {
    train: remembered(options.targets, train),
    validation: remembered(options.targets, options.validation),
  };
  const networks = new Map<number, GateNetwork>();
  for (const pairs of gatePairs(space))
    networks.set(pairs.gate, await trainGate(architecture, pairs, targets, options));
  return createGates(architecture, space, networks);
}

interface Targets {
  readonly train: PathTargets;
  readonly validation: PathTargets;
}

async function trainGate(
  architecture: GateArchitecture,
  pairs: GatePairs,
  targets: Targets,
  options: TrainGatesOptions,
): Promise<GateNetwork> {
  const { train, validation, space, batchSize = 512, maxEpochs = 10, patience = 2 } = options;
  const { learningRate = 1e-3, weightDecay = 1e-4, seed, onEpoch, signal } = options;
  const { gate } = pairs;
  const start = initialNetwork(architecture, randomStream(seed, `gate ${gate} weights`));
  const step = await createTrainStep({
    graph: trainingGraph(start, pairs, encodingOf(space)),
    parameters: [...parametersOf(start).keys()],
    optimizer: adam({ weightDecay }),
  });
  const networkOf = (parameters: ReadonlyMap<string, Tensor>) =>
    networkFrom(architecture, (name) => parameters.get(name) as Tensor);
  try {
    const { bestEpoch } = await fit({
      step,
      count: train.count,
      batchSize,
      batch: (rows) => gateBatch(train, targets.train, pairs, rows),
      learningRate,
      maxEpochs,
      patience,
      random: randomStream(seed, `gate ${gate} batches`),
      validate: (parameters) => {
        const gates = createGates(architecture, space, new Map([[gate, networkOf(parameters)]]));
        return meanSquaredErrorOf(gates, validation, pairs.prefixes, { targetsOf: targets.validation, batchSize });
      },
      onEpoch: (report) => onEpoch?.({ gate, ...report }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (bestEpoch === null) throw noFiniteLoss(gate);
    return networkOf(step.parameters());
  } finally {
    await step.release();
  }
}

function noEmbedding(embedding: number): QueeError {
  return new QueeError({
    code: "E_GATE_OPTION",
    kind: "config",
    where: "embedding",
    expected: "none with reading B",
    got: String(embedding),
  });
}

function noFiniteLoss(gate: number): QueeError {
  return new QueeError({
    code: "E_GATE_TRAINING",
    kind: "numeric",
    where: `gate ${gate}`,
    expected: "an epoch with a finite validation error",
    got: "none",
  });
}
