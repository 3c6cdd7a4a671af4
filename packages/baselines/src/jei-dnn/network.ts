import type { ExitHead } from "@quee/exit-heads";
import { type Tensor, tensor } from "@quee/tensor";
import { statisticCount } from "../gate-statistics.js";
import { headNames } from "./heads-graph.js";

/** What a training of JEI-DNN gives: for the exits 1 … E − 1 a head and a gate. The last head stays the backbone's own. */
export interface JeiDnnNetwork {
  /** Each on exit features [N, F] of the path at the most bits. */
  readonly heads: readonly ExitHead[];
  readonly gates: JeiDnnGates;
}

/** g_l = σ(w_l·statistics + b_l) */
export interface JeiDnnGates {
  /** [E − 1, 4] */
  readonly weight: Tensor;
  /** [E − 1] */
  readonly bias: Tensor;
}

/** What gate `exit` (from 0) says. @param statistics of its own head, 4 numbers from `at` on */
export function gateValue({ weight, bias }: JeiDnnGates, exit: number, statistics: Float32Array, at: number): number {
  let logit = bias.data[exit];
  for (let m = 0; m < statisticCount; m++) logit += weight.data[exit * statisticCount + m] * statistics[at + m];
  return 1 / (1 + Math.exp(-logit));
}

/** What the gates say. @param statistics [n, G, 4] @returns g, [n, G] */
export function gatesOf(gates: JeiDnnGates, statistics: Float32Array): Float64Array {
  const gateCount = gates.bias.shape[0];
  const values = new Float64Array(statistics.length / statisticCount);
  for (let at = 0; at < values.length; at++) {
    values[at] = gateValue(gates, at % gateCount, statistics, at * statisticCount);
  }
  return values;
}

/** The gates of training `place` of several. @param parameters `gate_weight` [S, 1, G, 4], `gate_bias` [S, 1, G] */
export function gatesAt(parameters: ReadonlyMap<string, Tensor>, place: number): JeiDnnGates {
  return { weight: partAt(parameters, "gate_weight", place, 2), bias: partAt(parameters, "gate_bias", place, 2) };
}

/** The heads of set `place` of several. @param parameters by exit `weight_l` [S, F, K], `bias_l` [S, 1, K] */
export function headsAt(parameters: ReadonlyMap<string, Tensor>, exits: number, place: number): readonly ExitHead[] {
  return Array.from({ length: exits }, (_, l) => {
    const { weight, bias } = headNames(l);
    return { weight: partAt(parameters, weight, place, 1), bias: partAt(parameters, bias, place, 2) };
  });
}

/** Part `place` along the first axis, of the shape that begins at axis `from`. */
function partAt(parameters: ReadonlyMap<string, Tensor>, name: string, place: number, from: number): Tensor {
  const { shape, data } = parameters.get(name) as Tensor;
  const size = data.length / shape[0];
  return tensor(shape.slice(from), data.slice(place * size, (place + 1) * size));
}
