import type { GateView, Path, PathKey, PathSpace, SplitRole } from "@quee/core";
import { pathKey } from "@quee/core";
import { type Tensor, zeros } from "@quee/tensor";
import { type GateArchitecture, networkMacs, widthsOf } from "../architecture.js";
import { type ArchitectureChoice, architectureOf } from "../architecture-choice.js";
import { encodePaths, encodingOf } from "../encode-path.js";
import { stackedFeatures } from "../feature-source.js";
import { fitNetwork } from "../fit-network.js";
import { type GateData, type PreparedTable, type PrepareGateDataOptions, prepareGateData } from "../gate-data.js";
import { gateFeatures } from "../gate-features.js";
import { inPieces } from "../in-pieces.js";
import type { GateNetwork } from "../network.js";
import { noGateHere } from "../no-gate-here.js";
import { gatePairs } from "../pairs.js";
import { type Predictor, preparePredictor } from "../predictor.js";
import type { ProbabilityTable } from "../probability-table.js";
import type { GateEpoch } from "../train-gates.js";
import type { TrainingSettings } from "../training-settings.js";

/** Losses of the steps from one prefix for every sample of a table: `nextStepTargets` of `@quee/router`. */
export type StepLosses = (
  prefix: Path,
  table: ProbabilityTable<SplitRole>,
) => {
  /** To leave (the prefix itself), and the prefix with one level more. [A] */
  readonly steps: readonly Path[];
  /** [N, A] row-major; no probability, so the networks have no sigmoid and the loss is the squared error. */
  readonly loss: Float32Array;
};

export interface NextStepSettings extends Omit<TrainingSettings, "loss">, ArchitectureChoice {
  /** For the one λ that these gates will serve. */
  readonly lossesOf: StepLosses;
  readonly onEpoch?: (report: GateEpoch) => void;
}

export interface TrainNextStepOptions extends PrepareGateDataOptions, NextStepSettings {}

/** Gates that foresee one loss per step, at one λ. */
export interface NextStepGates {
  readonly architecture: GateArchitecture;
  readonly space: PathSpace;
  /** By gate, 2 … E. */
  readonly networks: ReadonlyMap<number, GateNetwork>;
  /** ℓ̂*_b of every image and step, [n, A] row-major: what `nextStepPolicy` of `@quee/router` asks for. */
  predict(view: GateView): { readonly steps: readonly Path[]; readonly predictedLoss: Float32Array };
  /** Multiply-accumulates of one decision behind `prefix`. */
  macs(prefix: Path): number;
}

/**
 * "Only predict the best step": O(B) outputs per gate in place of every path, and a training for every λ.
 * QuEE (arXiv 2406.14404), section 7.3, equations 19 to 22.
 */
export async function trainNextStep(options: TrainNextStepOptions): Promise<NextStepGates> {
  return trainNextStepOn(prepareGateData(options), options);
}

/** The same on tables made ready before: one preparation serves every λ. */
export async function trainNextStepOn(data: GateData, settings: NextStepSettings): Promise<NextStepGates> {
  const { space } = data;
  const architecture = architectureOf(data, settings);
  const networks = new Map<number, GateNetwork>();
  const behind = new Map<PathKey, { readonly steps: readonly Path[]; readonly predict: Predictor }>();
  for (const { gate, prefixes } of gatePairs(space)) {
    const train = prefixes.map((prefix) => settings.lossesOf(prefix, data.train.table));
    const validation = prefixes.map((prefix) => settings.lossesOf(prefix, data.validation.table));
    const predictors = (network: GateNetwork) =>
      train.map(({ steps }) => preparePredictor(network, encodePaths(steps, encodingOf(space)), "linear"));
    const problem = {
      name: `next-step gate ${gate}`,
      widths: widthsOf(architecture),
      output: "linear" as const,
      pairs: {
        prefixCount: prefixes.length,
        prefixOf: train.flatMap(({ steps }, p) => steps.map(() => p)),
        encoded: encodePaths(
          train.flatMap(({ steps }) => steps),
          encodingOf(space),
        ),
      },
      count: data.train.table.count,
      batch: (rows: Int32Array) => ({
        features: stackedFeatures(data.train.features, prefixes, rows),
        targets: sideBySide(train, rows),
      }),
      validate: (network: GateNetwork) => squaredError(data.validation, prefixes, validation, predictors(network)),
    };
    const { network } = await fitNetwork(problem, settings, (report) => settings.onEpoch?.({ gate, ...report }));
    networks.set(gate, network);
    predictors(network).forEach((predict, p) => {
      behind.set(pathKey(prefixes[p]), { steps: train[p].steps, predict });
    });
  }
  const gateAt = (prefix: Path) => {
    const gate = behind.get(pathKey(prefix));
    if (gate === undefined) throw noGateHere(prefix);
    return gate;
  };
  return {
    architecture,
    space,
    networks,
    predict(view) {
      const { steps, predict } = gateAt(view.prefix);
      return { steps, predictedLoss: predict(gateFeatures(view, architecture.extraFeatures)) };
    },
    macs: (prefix) => networkMacs(widthsOf(architecture), gateAt(prefix).steps.length),
  };
}

type Losses = ReturnType<StepLosses>;

/** The losses of all steps of some samples. @returns [rows.length, steps of all prefixes] */
function sideBySide(losses: readonly Losses[], rows: Int32Array): Tensor {
  const width = losses.reduce((sum, { steps }) => sum + steps.length, 0);
  const targets = zeros([rows.length, width]);
  let column = 0;
  for (const { steps, loss } of losses) {
    for (const [i, row] of rows.entries()) {
      targets.data.set(loss.subarray(row * steps.length, (row + 1) * steps.length), i * width + column);
    }
    column += steps.length;
  }
  return targets;
}

/** Mean over samples and steps of (ℓ̂* − ℓ*)². */
function squaredError(
  { table, features }: PreparedTable,
  prefixes: readonly Path[],
  losses: readonly Losses[],
  predictors: readonly Predictor[],
): number {
  let sum = 0;
  let count = 0;
  prefixes.forEach((prefix, p) => {
    const { loss, steps } = losses[p];
    for (const rows of inPieces(table.count, 512)) {
      const predicted = predictors[p](features(prefix, rows));
      const first = rows[0] * steps.length;
      for (let at = 0; at < predicted.length; at++) sum += (predicted[at] - loss[first + at]) ** 2;
      count += predicted.length;
    }
  });
  return sum / count;
}
