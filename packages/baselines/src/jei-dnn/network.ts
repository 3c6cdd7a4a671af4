import type { ExitHead } from "@quee/exit-heads";
import type { Tensor } from "@quee/tensor";
import { gateStatistics, statisticCount } from "../gate-statistics.js";

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

/** What gate `exit` (from 0) says. @param probabilities of its own head, [n, K] @returns g, [n] */
export function gateValues({ weight, bias }: JeiDnnGates, exit: number, probabilities: Tensor): Float64Array {
  const { data } = gateStatistics(probabilities);
  return Float64Array.from({ length: probabilities.shape[0] }, (_, i) => {
    let logit = bias.data[exit];
    for (let m = 0; m < statisticCount; m++)
      logit += weight.data[exit * statisticCount + m] * data[i * statisticCount + m];
    return 1 / (1 + Math.exp(-logit));
  });
}
