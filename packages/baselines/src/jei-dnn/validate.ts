import { argmaxRows, type Tensor } from "@quee/tensor";
import { exitOf } from "./exit-probabilities.js";
import { gateValues, type JeiDnnGates } from "./network.js";

export interface GatedScore {
  /** Fraction of wrong answers when samples leave where the gates say. */
  readonly error: number;
  /** Mean cost. */
  readonly cost: number;
}

/** @param probabilities by exit, [n, K] each @param labels [n] @param cost by exit */
export function scoreGated(
  gates: JeiDnnGates,
  probabilities: readonly Tensor[],
  labels: Int32Array,
  cost: readonly number[],
): GatedScore {
  const answers = probabilities.map(argmaxRows);
  const values = probabilities.slice(0, -1).map((own, l) => gateValues(gates, l, own));
  let [wrong, paid] = [0, 0];
  for (const [i, label] of labels.entries()) {
    const exit = exitOf(values.map((of) => of[i]));
    if (answers[exit][i] !== label) wrong++;
    paid += cost[exit];
  }
  return { error: wrong / labels.length, cost: paid / labels.length };
}
