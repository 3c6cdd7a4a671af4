import { type Path, pathKey, QueeError, type SplitRole } from "@quee/core";
import { type Tensor, zeros } from "@quee/tensor";
import { widthsOf } from "../architecture.js";
import { type ArchitectureChoice, architectureOf } from "../architecture-choice.js";
import { encodePaths, encodingOf } from "../encode-path.js";
import { stackedFeatures } from "../feature-source.js";
import { fitNetwork } from "../fit-network.js";
import { type GateData, type PreparedTable, type PrepareGateDataOptions, prepareGateData } from "../gate-data.js";
import { inPieces } from "../in-pieces.js";
import type { GateNetwork } from "../network.js";
import { gatePairs } from "../pairs.js";
import type { Predictor } from "../predictor.js";
import type { ProbabilityTable } from "../probability-table.js";
import type { GateEpoch } from "../train-gates.js";
import type { TrainingSettings } from "../training-settings.js";
import { createNextStepGates, lossPerStep, type NextStepGates, stepsBehind } from "./next-step-gates.js";

/** Losses of the steps from one prefix for every sample of a table: `nextStepTargets` of `@quee/router`. */
export type StepLosses = (
  prefix: Path,
  table: ProbabilityTable<SplitRole>,
) => {
  /** To leave (the prefix itself), then the prefix with each level that may follow, most bits first. [A] */
  readonly steps: readonly Path[];
  /** [N, A] row-major; no probability, so the networks have no sigmoid and are trained on the squared error. */
  readonly loss: Float32Array;
};

export interface NextStepSettings extends Omit<TrainingSettings, "loss">, ArchitectureChoice {
  /** For the one λ that these gates will serve. */
  readonly lossesOf: StepLosses;
  readonly onEpoch?: (report: GateEpoch) => void;
}

export interface TrainNextStepOptions extends PrepareGateDataOptions, NextStepSettings {}

/**
 * "Only predict the best step": O(B) outputs per gate in place of every path, and a training for every λ.
 * QuEE (arXiv 2406.14404), section 7.3, equations 19 to 22.
 */
export async function trainNextStep(options: TrainNextStepOptions): Promise<NextStepGates> {
  return trainNextStepOn(prepareGateData(options), options);
}

/** The same on tables made ready before: one preparation serves every λ. */
export async function trainNextStepOn(data: GateData, settings: NextStepSettings): Promise<NextStepGates> {
  const { space, train, validation } = data;
  const architecture = architectureOf(data, settings);
  const networks = new Map<number, GateNetwork>();
  for (const { gate, prefixes } of gatePairs(space)) {
    const steps = prefixes.map((prefix) => stepsBehind(prefix, space));
    const lossesOn = ({ table }: PreparedTable) =>
      prefixes.map((prefix, p) => checkedLoss(settings.lossesOf(prefix, table), steps[p], table.count));
    const [trainLosses, validationLosses] = [lossesOn(train), lossesOn(validation)];
    const problem = {
      name: `next-step gate ${gate}`,
      widths: widthsOf(architecture),
      output: "linear" as const,
      pairs: {
        prefixCount: prefixes.length,
        prefixOf: steps.flatMap((of, p) => of.map(() => p)),
        encoded: encodePaths(steps.flat(), encodingOf(space)),
      },
      count: train.table.count,
      batch: (rows: Int32Array) => ({
        features: stackedFeatures(train.features, prefixes, rows),
        targets: sideBySide(trainLosses, train.table.count, rows),
      }),
      validate(network: GateNetwork) {
        const predictors = steps.map((of) => lossPerStep(network, of, space));
        return squaredError(validation, prefixes, validationLosses, predictors);
      },
    };
    const { network } = await fitNetwork(problem, settings, (report) => settings.onEpoch?.({ gate, ...report }));
    networks.set(gate, network);
  }
  return createNextStepGates(architecture, space, networks);
}

function checkedLoss({ steps, loss }: ReturnType<StepLosses>, expected: readonly Path[], count: number): Float32Array {
  const [wanted, got] = [expected, steps].map((paths) => paths.map(pathKey).join(", "));
  if (wanted === got && loss.length === count * steps.length) return loss;
  throw new QueeError({
    code: "E_STEP_LOSSES",
    kind: "internal",
    where: `losses of the steps behind ${pathKey(expected[0])}`,
    expected: `${count} rows of ${wanted}`,
    got: `${loss.length} losses of ${got}`,
  });
}

/** The losses of all steps of some samples. @param losses by prefix, [N, A] @returns [rows.length, steps of all prefixes] */
function sideBySide(losses: readonly Float32Array[], count: number, rows: Int32Array): Tensor {
  const widths = losses.map(({ length }) => length / count);
  const width = widths.reduce((sum, own) => sum + own, 0);
  const targets = zeros([rows.length, width]);
  let column = 0;
  losses.forEach((loss, p) => {
    for (const [i, row] of rows.entries()) {
      targets.data.set(loss.subarray(row * widths[p], (row + 1) * widths[p]), i * width + column);
    }
    column += widths[p];
  });
  return targets;
}

/** Mean over samples and steps of (ℓ̂* − ℓ*)². */
function squaredError(
  { table, features }: PreparedTable,
  prefixes: readonly Path[],
  losses: readonly Float32Array[],
  predictors: readonly Predictor[],
): number {
  let sum = 0;
  let count = 0;
  prefixes.forEach((prefix, p) => {
    let at = 0;
    for (const rows of inPieces(table.count, 512)) {
      for (const predicted of predictors[p](features(prefix, rows))) sum += (predicted - losses[p][at++]) ** 2;
    }
    count += at;
  });
  return sum / count;
}
