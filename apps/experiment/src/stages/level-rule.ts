import { type Bits, bits } from "@quee/core";

/** Points of top-1 (1 is a hundredth) that the highest level may lose, and those that lower levels may lose, against full precision. */
const keeps = 0.5;
const stays = 10;

/** Every bit-width that is tried, most first. */
export const triedLevels: readonly Bits[] = [8, 7, 6, 5, 4, 3, 2].map(bits);

export interface LevelChoice {
  /** Most bits first. */
  readonly levels: readonly Bits[];
  /** False where even the most bits lose more than half a point: they are the highest level all the same. */
  readonly isKept: boolean;
  /** What was looked at, in this order. The stem runs at `stemBits`. */
  readonly seen: readonly { readonly bits: Bits; readonly stemBits: Bits; readonly top1: number }[];
}

/**
 * Levels by the accuracy of the last exit: the highest is the least bits that keep it, then lower ones while the drop stays within ten
 * points. QuEE (arXiv 2406.14404), section 5.1, which gives no number for "keep": half a point here. Both walks end at the first
 * bit-width that loses too much.
 * @param accuracyAt top-1 (0 … 1) of the network at `level` with its stem at `stem`
 */
export async function chooseByAccuracy(
  floatTop1: number,
  accuracyAt: (level: Bits, stem: Bits) => Promise<number>,
): Promise<LevelChoice> {
  const seen: LevelChoice["seen"][number][] = [];
  const drop = async (level: Bits, stemBits: Bits) => {
    const top1 = await accuracyAt(level, stemBits);
    seen.push({ bits: level, stemBits, top1 });
    return 100 * (floatTop1 - top1);
  };
  const most = triedLevels[0] as Bits;
  let highest: Bits | null = null;
  for (const level of triedLevels) {
    if ((await drop(level, level)) > keeps) break;
    highest = level;
  }
  const isKept = highest !== null;
  const levels = [highest ?? most];
  for (const level of triedLevels.filter((one) => one < (highest ?? most))) {
    if ((await drop(level, highest ?? most)) > stays) break;
    levels.push(level);
  }
  return { levels, isKept, seen };
}
