/**
 * Probability of leaving at each exit, [E], from what the gates say: P_l = max(0, min(g_l, 1 − Σ_{k<l} g_k)), and the rest at
 * the last exit. JEI-DNN (ICLR 2024).
 * @param gates g in [0, 1], [E − 1]
 */
export function exitProbabilities(gates: ArrayLike<number>): Float64Array {
  const probabilities = new Float64Array(gates.length + 1);
  let said = 0;
  let left = 1;
  for (let l = 0; l < gates.length; l++) {
    probabilities[l] = Math.max(0, Math.min(gates[l], 1 - said));
    said += gates[l];
    left -= probabilities[l];
  }
  probabilities[gates.length] = Math.max(0, left);
  return probabilities;
}

/**
 * The first exit, from 0, at which leaving is at least as likely as not for who is still there; the last where none is. It
 * needs the gates up to that exit only, so a caller may give fewer and read `gates.length` as "goes on".
 */
export function exitOf(gates: ArrayLike<number>): number {
  const probabilities = exitProbabilities(gates);
  let there = 1;
  for (let l = 0; l < gates.length; l++) {
    const leaving = there <= 0 ? 1 : Math.min(1, probabilities[l] / there);
    if (leaving >= 0.5) return l;
    there *= 1 - leaving;
  }
  return gates.length;
}
