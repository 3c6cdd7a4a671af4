/** Median and spread of repeated measurements. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantileOf(sorted, 0.5), least: sorted[0] ?? 0, most: sorted[sorted.length - 1] ?? 0 };
}

/** @param sorted ascending */
export function quantileOf(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return low + (at - Math.floor(at)) * (high - low);
}

/**
 * Runs all subjects in turn, round after round, so that whatever the machine does meanwhile meets all of them; every other round in
 * reverse, so that none always comes behind the same one. The first round warms up and is not counted.
 */
export async function interleaved<Key>(
  subjects: readonly Key[],
  rounds: number,
  measure: (subject: Key, round: number) => Promise<number>,
): Promise<ReadonlyMap<Key, readonly number[]>> {
  const values = new Map<Key, number[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? subjects : [...subjects].reverse();
    for (const subject of order) {
      const value = await measure(subject, round);
      if (round > 0) values.get(subject)?.push(value);
    }
  }
  return values;
}
