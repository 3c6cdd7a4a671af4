/** What a setting of a method reaches and pays. Both as fractions. */
export interface OperatingPoint {
  readonly cost: number;
  readonly top1: number;
}

/** Operating points of which none is both dearer and no better than another, by rising cost (and so rising top1). */
export type Envelope<Point extends OperatingPoint = OperatingPoint> = readonly Point[];

/** Keeps the points that no other point beats (the Pareto front); the first of equals. */
export function upperEnvelope<Point extends OperatingPoint>(points: readonly Point[]): Envelope<Point> {
  const byCost = [...points].sort((a, b) => a.cost - b.cost || b.top1 - a.top1);
  let best = Number.NEGATIVE_INFINITY;
  return byCost.filter(({ top1 }) => {
    const isBetter = top1 > best;
    if (isBetter) best = top1;
    return isBetter;
  });
}

/**
 * Accuracy for a cost, linear between neighbours of the envelope. Null below its cheapest point; above its dearest one the
 * accuracy of that, since nobody must spend all.
 */
export function interpolateOnEnvelope(envelope: Envelope, cost: number): number | null {
  const last = envelope.at(-1);
  if (last === undefined || cost < envelope[0].cost) return null;
  const right = envelope.findIndex((point) => point.cost > cost);
  if (right < 0) return last.top1;
  const [a, b] = [envelope[right - 1], envelope[right]];
  return a.top1 + ((b.top1 - a.top1) * (cost - a.cost)) / (b.cost - a.cost);
}

/** Least cost for an accuracy, linear between neighbours of the envelope. Null where it is never reached. */
export function costAtAccuracy(envelope: Envelope, top1: number): number | null {
  const right = envelope.findIndex((point) => point.top1 >= top1);
  if (right < 0) return null;
  if (right === 0) return envelope[0].cost;
  const [a, b] = [envelope[right - 1], envelope[right]];
  return a.cost + ((b.cost - a.cost) * (top1 - a.top1)) / (b.top1 - a.top1);
}

export interface CostRange {
  readonly from: number;
  readonly to: number;
}

/** Costs at which every envelope has points on both sides. Null where there are none. */
export function commonCostRange(envelopes: readonly Envelope[]): CostRange | null {
  if (envelopes.length === 0 || envelopes.some((envelope) => envelope.length === 0)) return null;
  const from = Math.max(...envelopes.map((envelope) => envelope[0].cost));
  const to = Math.min(...envelopes.map((envelope) => envelope[envelope.length - 1].cost));
  return from <= to ? { from, to } : null;
}

/** ∫ accuracy d cost over a range, along the interpolated envelope. Null where the envelope begins later. */
export function areaUnderCurve(envelope: Envelope, { from, to }: CostRange): number | null {
  const inside = envelope.map(({ cost }) => cost).filter((cost) => cost > from && cost < to);
  const costs = [from, ...inside, to];
  let area = 0;
  for (let i = 1; i < costs.length; i++) {
    const left = interpolateOnEnvelope(envelope, costs[i - 1]);
    const right = interpolateOnEnvelope(envelope, costs[i]);
    if (left === null || right === null) return null;
    area += ((left + right) / 2) * (costs[i] - costs[i - 1]);
  }
  return area;
}
