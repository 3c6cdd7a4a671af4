import { type CostTable, QueeError } from "@quee/core";
import { type Tensor, zeros } from "@quee/tensor";
import type { EpochReport } from "@quee/training";
import { type ArchitectureChoice, architectureOf } from "../architecture-choice.js";
import { encodingOf } from "../encode-path.js";
import { stackedFeatures } from "../feature-source.js";
import { fitNetwork } from "../fit-network.js";
import { type GateData, type PrepareGateDataOptions, prepareGateData } from "../gate-data.js";
import { inPieces } from "../in-pieces.js";
import { lossOfPrediction } from "../loss-of-predictions.js";
import type { GateNetwork } from "../network.js";
import { type GatePairs, gatePairs } from "../pairs.js";
import { preparePredictor } from "../predictor.js";
import type { GateEpoch, GateTraining } from "../train-gates.js";
import { type TrainingSettings, trainingDefaults } from "../training-settings.js";
import { type ClosedLoop, closedLoopWidths, createClosedLoop } from "./closed-loop.js";
import { encodeSteps } from "./encode-step.js";
import { type LossesToGo, lossesToGo } from "./loss-to-go.js";
import { lossBound, type Step, stepsFrom } from "./steps.js";

export interface ClosedLoopSettings extends TrainingSettings, ArchitectureChoice {
  readonly costs: CostTable;
  /** All learnt at once, each above 0. Default 24 from 0.001 to 10, evenly on a logarithmic scale. */
  readonly lambdas?: readonly number[];
  readonly onEpoch?: (report: GateEpoch) => void;
}

export interface TrainClosedLoopOptions extends PrepareGateDataOptions, ClosedLoopSettings {}

export interface ClosedLoopTraining extends Pick<GateTraining, "curves"> {
  readonly closedLoop: ClosedLoop;
}

/**
 * Backward over the gates E … 2. For every sample, prefix and λ the table tells what each step leads to, once the later gates
 * are there to decide: T(exit) = 1[wrong], T(b) = λ·Δc + loss-to-go behind the block. Regressing T on what the gate sees
 * gives its cost-to-go. No exploration is needed, since the table holds every path of every sample. Longstaff and Schwartz
 * 2001 price options so; Bolukbasi et al. (arXiv 1702.07811) learn early exits so.
 */
export async function trainClosedLoop(options: TrainClosedLoopOptions): Promise<ClosedLoop> {
  return (await trainClosedLoopOn(prepareGateData(options), options)).closedLoop;
}

export async function trainClosedLoopOn(data: GateData, settings: ClosedLoopSettings): Promise<ClosedLoopTraining> {
  const { costs, lambdas = logSpaced(1e-3, 10, 24) } = settings;
  assertLambdas(lambdas);
  const architecture = architectureOf(data, settings);
  const range = { lowest: Math.min(...lambdas), highest: Math.max(...lambdas) };
  const parts = { architecture, space: data.space, costs, range };
  const train = lossesToGo(data.train, lambdas, parts);
  const validation = lossesToGo(data.validation, lambdas, parts);
  const networks = new Map<number, GateNetwork>();
  const curves: GateTraining["curves"][number][] = [];
  for (const pairs of gatePairs(data.space).toReversed()) {
    const { gate, prefixes } = pairs;
    const problem = problemOf(data, parts, pairs, { train, validation, lambdas, settings });
    const { network, epochs, bestEpoch } = await fitNetwork(problem, settings, (report: EpochReport) =>
      settings.onEpoch?.({ gate, ...report }),
    );
    networks.set(gate, network);
    curves.push({ gate, epochs, bestEpoch });
    for (const losses of [train, validation]) losses.decide(network, prefixes);
  }
  const inOrder = new Map([...networks].toReversed());
  return { closedLoop: createClosedLoop({ ...parts, networks: inOrder }), curves: curves.toReversed() };
}

interface Losses {
  readonly train: LossesToGo;
  readonly validation: LossesToGo;
  readonly lambdas: readonly number[];
  readonly settings: ClosedLoopSettings;
}

function problemOf(
  data: GateData,
  parts: Pick<ClosedLoop, "architecture" | "space" | "costs" | "range">,
  { gate, prefixes }: GatePairs,
  { train, validation, lambdas, settings }: Losses,
) {
  const { space, costs, range } = parts;
  const steps = prefixes.map((prefix) => stepsFrom(prefix, space, costs));
  const encode = (of: readonly Step[]) =>
    encodeSteps(
      of.map(({ path }) => path),
      lambdas,
      range,
      encodingOf(space),
    );
  const lossOf = lossOfPrediction[settings.loss ?? trainingDefaults.loss];
  return {
    name: `closed-loop gate ${gate}`,
    widths: closedLoopWidths(parts.architecture),
    pairs: {
      prefixCount: prefixes.length,
      prefixOf: steps.flatMap((of, p) => of.flatMap(() => lambdas.map(() => p))),
      encoded: encode(steps.flat()),
    },
    count: data.train.table.count,
    batch: (rows: Int32Array) => ({
      features: stackedFeatures(data.train.features, prefixes, rows),
      targets: boundedTargets(train, steps.flat(), lambdas, rows),
    }),
    validate(network: GateNetwork) {
      let sum = 0;
      let count = 0;
      prefixes.forEach((prefix, p) => {
        const predict = preparePredictor(network, encode(steps[p]));
        for (const rows of inPieces(data.validation.table.count, 512)) {
          const predicted = predict(data.validation.features(prefix, rows));
          const { data: actual } = boundedTargets(validation, steps[p], lambdas, rows);
          for (let at = 0; at < predicted.length; at++) sum += lossOf(predicted[at], actual[at]);
          count += predicted.length;
        }
      });
      return sum / count;
    },
  };
}

/** What came behind each step at each λ, as a part of its bound. @returns [rows.length, steps · λ], in [0, 1] */
function boundedTargets(
  losses: LossesToGo,
  steps: readonly Step[],
  lambdas: readonly number[],
  rows: Int32Array,
): Tensor {
  const width = steps.length * lambdas.length;
  const targets = zeros([rows.length, width]);
  steps.forEach((step, a) => {
    const wrong = step.isExit ? losses.wrongAt(step.path) : null;
    const behind = step.isExit ? null : losses.behind(step.path);
    lambdas.forEach((lambda, l) => {
      const bound = lossBound(step, lambda);
      const column = a * lambdas.length + l;
      for (let i = 0; i < rows.length; i++) {
        const loss = wrong?.[rows[i]] ?? behind?.[rows[i] * lambdas.length + l] ?? 0;
        targets.data[i * width + column] = loss / bound;
      }
    });
  });
  return targets;
}

function logSpaced(from: number, to: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => from * (to / from) ** (i / (count - 1)));
}

function assertLambdas(lambdas: readonly number[]): void {
  if (lambdas.length > 0 && lambdas.every((lambda) => lambda > 0 && Number.isFinite(lambda))) return;
  throw new QueeError({
    code: "E_LAMBDA",
    kind: "config",
    where: "lambdas",
    expected: "numbers above 0, at least one",
    got: lambdas.length === 0 ? "none" : lambdas.join(", "),
  });
}
