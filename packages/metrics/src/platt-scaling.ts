import type { CalibrationMap } from "./isotonic-regression.js";
import { mean } from "./means.js";
import { sameLength } from "./same-length.js";

/** σ(slope·score + intercept) */
export interface PlattMap extends CalibrationMap {
  readonly slope: number;
  readonly intercept: number;
}

const mostSteps = 100;

/**
 * Logistic regression of the outcome on one score: p = σ(slope·score + intercept). Platt 1999, with its softened outcomes
 * (n₁ + 1)/(n₁ + 2) and 1/(n₀ + 2), which keep the fit finite where scores separate the outcomes or one outcome is missing.
 * Newton's method with halved steps. Null of nothing.
 * @param score [N] finite @param outcome [N] 0 or 1
 */
export function plattScaling(samples: {
  readonly score: ArrayLike<number>;
  readonly outcome: ArrayLike<number>;
}): PlattMap | null {
  const { score, outcome } = samples;
  const count = sameLength({ score, outcome });
  const share = mean(outcome);
  const centre = mean(score);
  if (share === null || centre === null) return null;
  const ones = share * count;
  const [high, low] = [(ones + 1) / (ones + 2), 1 / (count - ones + 2)];
  const target = Float64Array.from(outcome, (one) => (one === 1 ? high : low));
  // Centred and scaled, so that the two parameters hardly depend on each other.
  const spread = Math.sqrt(mean(Float64Array.from(score, (s) => (s - centre) ** 2)) as number) || 1;
  const x = Float64Array.from(score, (s) => (s - centre) / spread);

  const rate = mean(target) as number;
  let line: Line = { slope: 0, intercept: Math.log(rate / (1 - rate)) };
  let loss = lossOf(line, x, target);
  for (let step = 0; step < mostSteps; step++) {
    const direction = newtonStep(line, x, target);
    let part = 1;
    let next = moved(line, direction, part);
    while (part > 1e-10 && lossOf(next, x, target) > loss) next = moved(line, direction, (part /= 2));
    const nextLoss = lossOf(next, x, target);
    if (!(nextLoss < loss - 1e-14)) break;
    [line, loss] = [next, nextLoss];
  }
  const slope = line.slope / spread;
  const intercept = line.intercept - slope * centre;
  return Object.assign((at: number) => sigmoid(slope * at + intercept), { slope, intercept });
}

interface Line {
  readonly slope: number;
  readonly intercept: number;
}

function moved(line: Line, by: Line, part: number): Line {
  return { slope: line.slope + part * by.slope, intercept: line.intercept + part * by.intercept };
}

/** Mean cross-entropy, ln(1 + eᶻ) − t·z. */
function lossOf({ slope, intercept }: Line, x: Float64Array, target: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const z = slope * x[i] + intercept;
    sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - target[i] * z;
  }
  return sum / x.length;
}

/** −H⁻¹·g of the cross-entropy. */
function newtonStep({ slope, intercept }: Line, x: Float64Array, target: Float64Array): Line {
  let [gSlope, gIntercept, hSlope, hBoth, hIntercept] = [0, 0, 0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const p = sigmoid(slope * x[i] + intercept);
    const weight = p * (1 - p);
    gSlope += (p - target[i]) * x[i];
    gIntercept += p - target[i];
    hSlope += weight * x[i] * x[i];
    hBoth += weight * x[i];
    hIntercept += weight;
  }
  // A ridge for equal scores, which say nothing about the slope.
  const ridge = 1e-9 * x.length;
  const determinant = (hSlope + ridge) * (hIntercept + ridge) - hBoth * hBoth;
  return {
    slope: -(gSlope * (hIntercept + ridge) - gIntercept * hBoth) / determinant,
    intercept: -(gIntercept * (hSlope + ridge) - gSlope * hBoth) / determinant,
  };
}

function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}
