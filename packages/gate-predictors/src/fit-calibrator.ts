import { type Calibrator, logit } from "./calibrator.js";

/** Predictions and what came of them: 1 where the answer was wrong. [n] each, at least one. */
export interface Foretold {
  readonly predicted: ArrayLike<number>;
  readonly wrong: ArrayLike<number>;
}

export const fitCalibrator: {
  readonly [K in Calibrator["kind"]]: (foretold: Foretold) => Extract<Calibrator, { kind: K }>;
} = { platt: fitPlatt, isotonic: fitIsotonic };

/**
 * Newton's method on the cross-entropy of σ(slope·logit(h) + intercept), halving steps that do not lower it. The outcomes are
 * pulled in to (n₁ + 1)/(n₁ + 2) and 1/(n₀ + 2), Platt's prior, so that a side without mistakes does not end at infinity.
 */
function fitPlatt({ predicted, wrong }: Foretold) {
  const x = Float64Array.from(predicted, logit);
  const ones = Array.prototype.reduce.call<ArrayLike<number>, [(a: number, b: number) => number, number], number>(
    wrong,
    (sum, value) => sum + value,
    0,
  );
  const [high, low] = [(ones + 1) / (ones + 2), 1 / (x.length - ones + 2)];
  const target = Float64Array.from(wrong, (value) => (value === 1 ? high : low));
  let [slope, intercept] = [1, 0];
  let loss = crossEntropy(x, target, slope, intercept);
  for (let iteration = 0; iteration < 100; iteration++) {
    const [stepSlope, stepIntercept] = newtonStep(x, target, slope, intercept);
    let size = 1;
    let next = Number.POSITIVE_INFINITY;
    for (; size > 1e-6; size /= 2) {
      next = crossEntropy(x, target, slope - size * stepSlope, intercept - size * stepIntercept);
      if (next < loss) break;
    }
    if (!(next < loss - 1e-12 * loss)) break;
    slope -= size * stepSlope;
    intercept -= size * stepIntercept;
    loss = next;
  }
  // A falling line would turn the order of paths round: then the predictions say nothing.
  return slope > 0
    ? { kind: "platt" as const, slope, intercept }
    : { kind: "platt" as const, slope: 0, intercept: logit(ones / x.length) };
}

function newtonStep(x: Float64Array, target: Float64Array, slope: number, intercept: number): [number, number] {
  // A small ridge keeps the matrix regular where all predictions are the same.
  let [g0, g1, h00, h01, h11] = [0, 0, 1e-9, 0, 1e-9];
  for (let i = 0; i < x.length; i++) {
    const p = 1 / (1 + Math.exp(-(slope * x[i] + intercept)));
    const weight = p * (1 - p);
    g0 += (p - target[i]) * x[i];
    g1 += p - target[i];
    h00 += weight * x[i] * x[i];
    h01 += weight * x[i];
    h11 += weight;
  }
  const determinant = h00 * h11 - h01 * h01;
  return [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant];
}

function crossEntropy(x: Float64Array, target: Float64Array, slope: number, intercept: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const z = slope * x[i] + intercept;
    sum += Math.max(z, 0) - target[i] * z + Math.log1p(Math.exp(-Math.abs(z)));
  }
  return sum;
}

/** The rising step function nearest to the outcomes: pool adjacent violators. Ayer and others 1955. */
function fitIsotonic({ predicted, wrong }: Foretold) {
  const order = Int32Array.from({ length: predicted.length }, (_, i) => i).sort((a, b) => predicted[a] - predicted[b]);
  const blocks: { first: number; last: number; sum: number; count: number }[] = [];
  for (const i of order) {
    let block = { first: predicted[i], last: predicted[i], sum: wrong[i], count: 1 };
    for (let under = blocks.at(-1); under !== undefined && mustJoin(under, block); under = blocks.at(-1)) {
      blocks.pop();
      block = { ...block, first: under.first, sum: under.sum + block.sum, count: under.count + block.count };
    }
    blocks.push(block);
  }
  const at: number[] = [];
  const value: number[] = [];
  for (const { first, last, sum, count } of blocks) {
    for (const place of first === last ? [first] : [first, last]) {
      at.push(place);
      value.push(sum / count);
    }
  }
  return { kind: "isotonic" as const, at, value };
}

/** Equal predictions share one value; a mean that does not rise is a violation. */
function mustJoin(
  under: { readonly last: number; readonly sum: number; readonly count: number },
  block: { readonly first: number; readonly sum: number; readonly count: number },
): boolean {
  return under.last === block.first || under.sum * block.count >= block.sum * under.count;
}
