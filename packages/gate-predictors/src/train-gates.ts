import { zeros } from "@quee/tensor";
import type { EpochReport } from "@quee/training";
import { type GateArchitecture, widthsOf } from "./architecture.js";
import { type ArchitectureChoice, architectureOf } from "./architecture-choice.js";
import { encodePaths, encodingOf } from "./encode-path.js";
import { stackedFeatures } from "./feature-source.js";
import { fitNetwork } from "./fit-network.js";
import { type GateData, type PrepareGateDataOptions, prepareGateData } from "./gate-data.js";
import { createGates, type Gates } from "./gates.js";
import { inPieces } from "./in-pieces.js";
import { lossOfPrediction } from "./loss-of-predictions.js";
import type { GateNetwork } from "./network.js";
import { type GatePairs, gatePairs, type PathTargets, trainingPairs } from "./pairs.js";
import { preparePredictor } from "./predictor.js";
import type { TableTargets } from "./remembered.js";
import type { GateLoss } from "./training-graph.js";
import { type TrainingSettings, trainingDefaults } from "./training-settings.js";

export interface GateSettings extends TrainingSettings, ArchitectureChoice {
  /** What to predict, in [0, 1]; asked once per path and table. */
  readonly targets: TableTargets;
  readonly onEpoch?: (report: GateEpoch) => void;
}

export interface TrainGatesOptions extends PrepareGateDataOptions, GateSettings {}

/** Losses are means over images and pairs, of the kind that was trained. */
export interface GateEpoch extends EpochReport {
  /** 2 … E */
  readonly gate: number;
}

export interface GateTraining {
  readonly gates: Gates;
  /** How each gate came about, 2 … E. */
  readonly curves: readonly {
    readonly gate: number;
    readonly epochs: readonly EpochReport[];
    /** The epoch that was kept. */
    readonly bestEpoch: number;
  }[];
}

/**
 * Trains h² … h^E, each by itself, to predict p̃e of every candidate from every prefix: mean squared error, Adam, early
 * stopping on validation data, the best epoch kept. QuEE (arXiv 2406.14404), sections 4.2 and 5.2.
 */
export async function trainGates(options: TrainGatesOptions): Promise<Gates> {
  return (await trainGatesOn(prepareGateData(options), options)).gates;
}

/** The same on tables made ready before: many settings share the work that they have in common. */
export async function trainGatesOn(data: GateData, settings: GateSettings): Promise<GateTraining> {
  const architecture = architectureOf(data, settings);
  const networks = new Map<number, GateNetwork>();
  const curves = [];
  for (const pairs of gatePairs(data.space)) {
    const { gate } = pairs;
    const problem = problemOf(data, architecture, pairs, settings);
    const { network, epochs, bestEpoch } = await fitNetwork(problem, settings, (report) =>
      settings.onEpoch?.({ gate, ...report }),
    );
    networks.set(gate, network);
    curves.push({ gate, epochs, bestEpoch });
  }
  return { gates: createGates(architecture, data.space, networks), curves };
}

function problemOf(data: GateData, architecture: GateArchitecture, pairs: GatePairs, settings: GateSettings) {
  const { loss = trainingDefaults.loss, targets } = settings;
  const { table, features, windows, targetsOf } = data.train;
  const inWindows = windows(pairs.prefixes);
  const trainTargets = targetsOf(targets);
  return {
    name: `gate ${pairs.gate}`,
    widths: widthsOf(architecture),
    pairs: trainingPairs(pairs, encodingOf(data.space)),
    count: table.count,
    batch: (rows: Int32Array) => ({
      features: stackedFeatures(inWindows?.features ?? features, pairs.prefixes, rows),
      targets: stackedTargets(trainTargets, pairs, rows),
    }),
    ...(inWindows === null ? {} : { batches: inWindows.batches }),
    validate: (network: GateNetwork) => validationLoss(data, pairs, network, { targets, loss }),
  };
}

/** p̃e of every pair. @returns [rows.length, A] */
export function stackedTargets(targetsOf: PathTargets, { pairs }: GatePairs, rows: Int32Array) {
  const targets = zeros([rows.length, pairs.length]);
  pairs.forEach(({ candidate }, a) => {
    const ofCandidate = targetsOf(candidate);
    for (let i = 0; i < rows.length; i++) targets.data[i * pairs.length + a] = ofCandidate[rows[i]];
  });
  return targets;
}

/** Mean loss over the validation samples and the pairs of one gate. */
export function validationLoss(
  { space, validation }: GateData,
  { prefixes, pairs }: GatePairs,
  network: GateNetwork,
  { targets, loss }: { readonly targets: TableTargets; readonly loss: GateLoss },
): number {
  const lossOf = lossOfPrediction[loss];
  const targetsOf = validation.targetsOf(targets);
  let sum = 0;
  prefixes.forEach((prefix, p) => {
    const candidates = pairs.filter((pair) => pair.prefix === p).map(({ candidate }) => candidate);
    const predict = preparePredictor(network, encodePaths(candidates, encodingOf(space)));
    const actual = candidates.map(targetsOf);
    for (const rows of inPieces(validation.table.count, 512)) {
      const predicted = predict(validation.features(prefix, rows));
      for (let at = 0; at < predicted.length; at++) {
        const a = at % candidates.length;
        sum += lossOf(predicted[at], actual[a][rows[(at - a) / candidates.length]]);
      }
    }
  });
  return sum / (validation.table.count * pairs.length);
}
