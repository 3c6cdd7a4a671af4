import {
  areaUnderCurve,
  type CostRange,
  commonCostRange,
  costAtAccuracy,
  mean,
  type OperatingPoint,
} from "@quee/metrics";

/** Drops below the whole network's accuracy, in points, for which a method's cost is told. */
const allowedDrops = [0, 0.5, 1, 2];

export interface CurveNumbers {
  /** Mean accuracy over the common range of costs: the area under the curve over the width of the range. Null without a range. */
  readonly meanTop1: number | null;
  /** Least cost for the whole network's accuracy less so many points; null where it is not reached. */
  readonly costAtDrop: readonly { readonly dropPoints: number; readonly cost: number | null }[];
}

export interface CurvesComparison {
  /** The costs at which every method has points on both sides, in every seed. */
  readonly range: CostRange | null;
  /** In the order of the methods: a mean over seeds, null where it is null in one of them. */
  readonly methods: readonly CurveNumbers[];
}

/**
 * Numbers of whole curves on test images.
 * @param methods by method, then by seed: points that validation images chose, by rising cost
 * @param fullTop1 accuracy of the whole network at the most bits
 */
export function compareCurves(
  methods: readonly (readonly (readonly OperatingPoint[])[])[],
  fullTop1: number,
): CurvesComparison {
  const range = commonCostRange(methods.flat());
  const averaged = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length < values.length ? null : mean(known);
  };
  return {
    range,
    methods: methods.map((seeds) => ({
      meanTop1: range === null ? null : averaged(seeds.map((points) => meanOver(points, range))),
      costAtDrop: allowedDrops.map((dropPoints) => ({
        dropPoints,
        cost: averaged(seeds.map((points) => costAtAccuracy(points, fullTop1 - dropPoints / 100))),
      })),
    })),
  };
}

function meanOver(points: readonly OperatingPoint[], range: CostRange): number | null {
  const width = range.to - range.from;
  const area = width > 0 ? areaUnderCurve(points, range) : null;
  return area === null ? null : area / width;
}
