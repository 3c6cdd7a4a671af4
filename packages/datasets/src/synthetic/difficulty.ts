import { QueeError } from "@quee/core";

/** Which difficulties a generator draws, 0 (clean) … 1 (barely readable). */
export interface DifficultyRange {
  /** Default 0. */
  readonly easiest?: number;
  /** Default 1. */
  readonly hardest?: number;
  /** −1 … 1: positive draws more easy images, negative more hard ones, 0 (the default) all alike. */
  readonly leaning?: number;
}

/** @param u uniform in [0, 1) */
export function drawDifficulty(u: number, { easiest = 0, hardest = 1, leaning = 0 }: DifficultyRange = {}): number {
  // u + s·(u² − u) goes up from 0 to 1 for every |s| ≤ 1 and needs no power.
  return easiest + (hardest - easiest) * (u + leaning * (u * u - u));
}

export function checkDifficulty({ easiest = 0, hardest = 1, leaning = 0 }: DifficultyRange): void {
  const isRange = easiest >= 0 && easiest <= hardest && hardest <= 1;
  if (isRange && Math.abs(leaning) <= 1) return;
  throw new QueeError({
    code: "E_DIFFICULTY",
    kind: "config",
    where: isRange ? "difficulty.leaning" : "difficulty",
    expected: isRange ? "a number from -1 to 1" : "0 ≤ easiest ≤ hardest ≤ 1",
    got: isRange ? String(leaning) : `easiest ${easiest}, hardest ${hardest}`,
  });
}
