import { type CostTable, costOf, pathKey } from "@quee/core";
import { interpolateOnEnvelope, mean, tenPartInterval, upperEnvelope } from "@quee/metrics";
import { type PathTable, type Replay, summarize } from "@quee/path-tables";
import type { CurvePoint, Results } from "@quee/report";
import { chosenOf, type MeasuredMethod, type MeasuredSetting, meanCost, tallyOf } from "./measured-method.js";

export interface Outcome {
  readonly top1: number;
  readonly cost: number;
}

/** A setting that validation images chose, and what it gives on test images. */
export interface ChosenPoint extends Outcome {
  readonly setting: MeasuredSetting["setting"];
  readonly firstBits?: number;
  readonly validation: Outcome;
  readonly replay: Replay;
  /** 1 where right, [N] */
  readonly correct: Uint8Array;
  readonly source: MeasuredSetting;
}

/** The chosen settings of a method by rising cost on test images, when paths cost so much. */
export function chosenPoints(
  { settings }: MeasuredMethod,
  costs: CostTable,
  test: Pick<PathTable, "paths">,
): readonly ChosenPoint[] {
  const tallies = settings.map(({ validation }) => validation);
  return [...chosenOf(tallies, costs)]
    .flatMap((place): ChosenPoint[] => {
      const source = settings[place] as MeasuredSetting;
      const { setting, firstBits, validation: tally, test: replay } = source;
      // A model of cost that nobody measured for may choose what was not tested.
      if (replay === null) return [];
      return [
        {
          ...{ setting, replay, source, correct: replay.correct },
          ...(firstBits === undefined ? {} : { firstBits }),
          validation: { top1: tally.right / tally.count, cost: meanCost(tally, costs) },
          top1: mean(replay.correct) ?? 0,
          // By path, not image by image: nothing drifts.
          cost: meanCost(tallyOf(replay, test), costs),
        },
      ];
    })
    .sort((a, b) => a.cost - b.cost);
}

/** The chosen points as results say them. @param seed of the intervals */
export function curvePoints(
  points: readonly ChosenPoint[],
  costs: CostTable,
  test: PathTable<"test">,
  seed: number,
): CurvePoint[] {
  return points.map(({ setting, firstBits, replay, correct, top1, cost }) => {
    const { costP95, exitHistogram, pathHistogram } = summarize(replay, test, costs);
    const { mean: centre, halfWidth } = tenPartInterval(correct, seed);
    const share = (images: number) => images / test.count;
    return {
      ...{ setting, top1, cost, costP95 },
      ...(firstBits === undefined ? {} : { firstBits }),
      top1Ci95: [centre - halfWidth, centre + halfWidth],
      exitHistogram: exitHistogram.map(share),
      pathShares: Object.fromEntries(
        test.paths.flatMap((path, p) => (pathHistogram[p] ? [[pathKey(path), share(pathHistogram[p])]] : [])),
      ),
    };
  });
}

/**
 * How far, on validation images, the settings of a curve lie below the envelope of all of them at their cost, on average: 0 where every
 * setting is worth having; large where trainings go astray. A method has a curve for each level of block 1 that it may choose.
 */
export function belowEnvelope({ settings }: MeasuredMethod, costs: CostTable): number {
  const curves = new Map<number | undefined, Outcome[]>();
  for (const { firstBits, validation } of settings) {
    const point = { top1: validation.right / validation.count, cost: meanCost(validation, costs) };
    curves.set(firstBits, [...(curves.get(firstBits) ?? []), point]);
  }
  const below = [...curves.values()].flatMap((points) => {
    const envelope = upperEnvelope(points);
    return points.map(({ top1, cost }) => (interpolateOnEnvelope(envelope, cost) ?? top1) - top1);
  });
  return mean(below) ?? 0;
}

/** Static accuracy and cost of the paths that QuEE may take, and how often each is the cheapest right one. */
export function pathStatistics(
  paths: readonly PathTable["paths"][number][],
  costs: CostTable,
  test: PathTable<"test">,
  correctAlong: (path: PathTable["paths"][number]) => Uint8Array,
): NonNullable<Results["comparison"]>["paths"] {
  const byCost = paths
    .map((path) => ({ path, cost: costOf(costs, path), correct: correctAlong(path) }))
    .sort((a, b) => a.cost - b.cost);
  const cheapest = byCost.map(() => 0);
  for (let i = 0; i < test.count; i++) {
    const place = byCost.findIndex(({ correct }) => correct[i] === 1);
    if (place >= 0) cheapest[place] = (cheapest[place] ?? 0) + 1;
  }
  return byCost.map(({ path, cost, correct }, p) => ({
    path: pathKey(path),
    cost,
    top1: mean(correct) ?? 0,
    cheapestRight: (cheapest[p] ?? 0) / test.count,
  }));
}
