import type { OperatingPoint } from "@quee/metrics";

/**
 * The points that a mixture of two others does not beat, by rising cost and top1: the upper convex hull, without the part that
 * falls.
 */
export function upperHull<Point extends OperatingPoint>(points: readonly Point[]): readonly Point[] {
  const hull: Point[] = [];
  for (const point of [...points].sort((a, b) => a.cost - b.cost || b.top1 - a.top1)) {
    const before = hull.at(-1);
    if (before !== undefined && point.top1 <= before.top1) continue;
    while (hull.length >= 2 && isBelow(hull[hull.length - 2], hull[hull.length - 1], point)) hull.pop();
    hull.push(point);
  }
  return hull;
}

/** True where `middle` lies on or below the line from `left` to `right`. */
function isBelow(left: OperatingPoint, middle: OperatingPoint, right: OperatingPoint): boolean {
  return (middle.top1 - left.top1) * (right.cost - left.cost) <= (right.top1 - left.top1) * (middle.cost - left.cost);
}
