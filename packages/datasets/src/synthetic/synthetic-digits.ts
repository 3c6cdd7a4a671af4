import { QueeError, type SplitRole } from "@quee/core";
import type { ImageSplit } from "../image-split.js";
import { side } from "./canvas.js";
import { checkDifficulty, type DifficultyRange } from "./difficulty.js";
import { describeDigit, renderDigit } from "./render-digit.js";

export interface SyntheticDigitsOptions<Role extends SplitRole> {
  readonly seed: number;
  readonly count: number;
  /** Also the name of the stream: no two roles share an image. */
  readonly role: Role;
  /** Index in the stream of the first image. Default 0. */
  readonly from?: number;
  readonly difficulty?: DifficultyRange;
}

/**
 * House numbers, ten classes, 32×32 RGB, made up on demand: image i depends on (seed, role, from + i) and the range of
 * difficulty only. An image is painted when it is first asked for and kept.
 */
export function syntheticDigits<Role extends SplitRole>(options: SyntheticDigitsOptions<Role>): ImageSplit<Role> {
  const { seed, count, role, from = 0, difficulty = {} } = options;
  checkWhole("seed", seed, Number.MIN_SAFE_INTEGER);
  checkWhole("count", count, 0);
  checkWhole("from", from, 0);
  checkDifficulty(difficulty);
  const painted: (Uint8Array | undefined)[] = new Array(count);
  return {
    name: `synthetic-digits ${role}`,
    role,
    count,
    classCount: 10,
    imageShape: [3, side, side],
    classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    labels: Int32Array.from({ length: count }, (_, i) => describeDigit(seed, role, from + i, difficulty).label),
    image: (i) => (painted[i] ??= renderDigit(seed, role, from + i, difficulty).image),
  };
}

function checkWhole(where: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  const expected = least === 0 ? "a whole number, 0 or more" : "a whole number";
  throw new QueeError({ code: "E_SYNTHETIC", kind: "config", where, expected, got: String(value) });
}
