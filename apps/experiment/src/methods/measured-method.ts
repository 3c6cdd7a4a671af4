import type { Pays, Rival, RivalInputs } from "@quee/baselines";
import { type CostTable, costOf, parsePathKey, pathKey } from "@quee/core";
import { upperEnvelope } from "@quee/metrics";
import type { PathTable, Replay } from "@quee/path-tables";

/** How many of a split took each path, and how many answers were right: enough to price a setting under any model of cost. */
export interface Tally {
  readonly right: number;
  readonly count: number;
  /** Images by path; paths that nobody takes are left out. */
  readonly byPath: Readonly<Record<string, number>>;
}

/** A setting of a method: what it does on validation images, and, where these speak for it, on test images. */
export interface MeasuredSetting {
  readonly setting: number | string;
  /** Bits of block 1, where they belong to the setting. */
  readonly firstBits?: number;
  readonly validation: Tally;
  /** Null where another setting is cheaper and no worse on validation images, whichever model counts the cost. */
  readonly test: Replay | null;
  /** On corrupted test images, by condition; empty where `test` is null or nothing was corrupted. */
  readonly shifted: readonly Tally[];
}

export interface MeasuredMethod {
  readonly name: string;
  readonly role: Rival["role"];
  readonly parameter: string;
  readonly pays: Pays;
  readonly trainings: number;
  /** Its settings follow from what paths cost: other costs would make others. */
  readonly asksCosts: boolean;
  readonly settings: readonly MeasuredSetting[];
}

export interface MeasureInputs {
  readonly inputs: RivalInputs;
  /** How cost may be counted: a setting is tested where one of them chooses it. */
  readonly prices: readonly RivalInputs["costs"][];
  readonly test: PathTable<"test">;
  readonly shifted: readonly PathTable<"test">[];
  readonly onSetting?: (done: number, total: number) => void;
}

/**
 * Fits a method and replays every setting on validation images; those that are on the upper envelope there go to the test
 * images. The event loop runs between two settings, so that a stop is heard.
 */
export async function measureMethod(method: Rival, options: MeasureInputs): Promise<MeasuredMethod> {
  const { inputs, prices, test, shifted, onSetting } = options;
  const { name, role, parameter } = method;
  let asksCosts = false;
  const askedCosts: RivalInputs["costs"] = (pays) => {
    asksCosts = true;
    return inputs.costs(pays);
  };
  const { pays, trainings, settings } = await method.fit({ ...inputs, costs: askedCosts });
  const pause = async () => {
    await new Promise((next) => setImmediate(next));
    inputs.signal?.throwIfAborted();
  };
  const onValidation: Tally[] = [];
  for (const one of settings) {
    await pause();
    onValidation.push(tallyOf(one.replay(inputs.validation), inputs.validation));
  }
  const chosen = new Set(prices.flatMap((price) => [...chosenOf(onValidation, price(pays))]));
  const measured: MeasuredSetting[] = [];
  for (const [s, one] of settings.entries()) {
    const validation = onValidation[s] as Tally;
    const { setting, firstBits } = one;
    const known = { setting, validation, ...(firstBits === undefined ? {} : { firstBits }) };
    onSetting?.(s, settings.length);
    if (!chosen.has(s)) {
      measured.push({ ...known, test: null, shifted: [] });
      continue;
    }
    await pause();
    const taken = one.replay(test);
    const moved: Tally[] = [];
    for (const table of shifted) {
      await pause();
      moved.push(tallyOf(one.replay(table), table));
    }
    measured.push({ ...known, test: taken, shifted: moved });
  }
  return { name, role, parameter, pays, trainings, asksCosts, settings: measured };
}

/** Places of the settings that no other beats in cost and accuracy. */
export function chosenOf(tallies: readonly Tally[], costs: CostTable): ReadonlySet<number> {
  const points = tallies.map((tally, place) => ({
    place,
    top1: tally.right / tally.count,
    cost: meanCost(tally, costs),
  }));
  return new Set(upperEnvelope(points).map(({ place }) => place));
}

/** Mean over images. */
export function meanCost({ byPath, count }: Tally, costs: CostTable): number {
  return (
    Object.entries(byPath).reduce((sum, [key, images]) => sum + images * costOf(costs, parsePathKey(key)), 0) / count
  );
}

export function tallyOf(
  { pathIndex, correct }: Pick<Replay, "pathIndex" | "correct">,
  { paths }: Pick<PathTable, "paths">,
): Tally {
  const images = new Int32Array(paths.length);
  for (const p of pathIndex) images[p] = (images[p] ?? 0) + 1;
  const byPath = Object.fromEntries(
    paths.flatMap((path, p) => ((images[p] ?? 0) > 0 ? [[pathKey(path), images[p] as number]] : [])),
  );
  return { right: correct.reduce((sum, hit) => sum + hit, 0), count: pathIndex.length, byPath };
}
