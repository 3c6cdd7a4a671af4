/** A setting of a method (λ, a threshold) and what it gave on a split. */
export interface OperatingPoint<Setting = number> {
  readonly setting: Setting;
  /** Fraction of right answers. */
  readonly top1: number;
  /** Mean cost, as a fraction of running everything at the most bits. */
  readonly cost: number;
}

/**
 * The most accurate point that costs at most `budget`; among equally accurate ones the cheapest, then the first. Null where
 * every point costs more. Give it points of the validation split: a setting chosen on test data flatters itself.
 */
export function operatingPointForBudget<Point extends OperatingPoint<unknown>>(
  points: readonly Point[],
  budget: number,
): Point | null {
  let best: Point | null = null;
  for (const point of points) {
    if (!(point.cost <= budget)) continue;
    if (best === null || point.top1 > best.top1 || (point.top1 === best.top1 && point.cost < best.cost)) best = point;
  }
  return best;
}

/**
 * The cheapest point that is at least this accurate; among equally cheap ones the most accurate, then the first. Null where
 * every point is less accurate. For points of the validation split, like `operatingPointForBudget`.
 */
export function operatingPointForAccuracy<Point extends OperatingPoint<unknown>>(
  points: readonly Point[],
  floor: number,
): Point | null {
  let best: Point | null = null;
  for (const point of points) {
    if (!(point.top1 >= floor)) continue;
    if (best === null || point.cost < best.cost || (point.cost === best.cost && point.top1 > best.top1)) best = point;
  }
  return best;
}
