import { sameLength } from "./same-length.js";

/** y = a·x² + b·x + c, the parabola of least squares through points. */
export interface Quadratic {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Where the parabola is lowest between the least and the largest x of the points: its vertex, or one of the ends. */
  readonly minimum: { readonly x: number; readonly y: number };
}

/** Null of fewer than three different x: they leave a parabola open. @param points [N] each */
export function fitQuadratic(points: {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}): Quadratic | null {
  const { x, y } = points;
  const count = sameLength({ x, y });
  const xs = Float64Array.from(x);
  if (new Set(xs).size < 3) return null;
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  // In t = (x − middle)/half, from −1 to 1, the normal equations are well conditioned.
  const [middle, half] = [(low + high) / 2, (high - low) / 2];
  const powers = new Float64Array(5);
  const moments = new Float64Array(3);
  for (let i = 0; i < count; i++) {
    const t = (xs[i] - middle) / half;
    for (let p = 0; p < 5; p++) powers[p] += t ** p;
    for (let p = 0; p < 3; p++) moments[p] += y[i] * t ** p;
  }
  const [s0, s1, s2, s3, s4] = powers;
  const determinant = (columns: readonly (readonly [number, number, number])[]) => {
    const [[a, d, g], [b, e, h], [c, f, i]] = columns;
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  };
  const columns = [
    [s0, s1, s2],
    [s1, s2, s3],
    [s2, s3, s4],
  ] as const;
  const right = [moments[0], moments[1], moments[2]] as const;
  const whole = determinant(columns);
  // Cramer's rule.
  const [c0, c1, c2] = [0, 1, 2].map(
    (k) => determinant(columns.map((column, j) => (j === k ? right : column))) / whole,
  );
  const at = (t: number) => c0 + c1 * t + c2 * t * t;
  const candidates = [-1, 1, ...(c2 > 0 && Math.abs(c1) < 2 * c2 ? [-c1 / (2 * c2)] : [])];
  const lowest = candidates.reduce((best, t) => (at(t) < at(best) ? t : best));
  return {
    a: c2 / half ** 2,
    b: c1 / half - (2 * c2 * middle) / half ** 2,
    c: c0 - (c1 * middle) / half + (c2 * middle ** 2) / half ** 2,
    minimum: { x: middle + half * lowest, y: at(lowest) },
  };
}
