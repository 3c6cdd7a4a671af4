import type { Minimization } from "./alternate.js";
import type { Metric, Outputs } from "./metric.js";
import type { Multiplier } from "./multiplier.js";
import { gatherRight, gatherRows } from "./regions.js";

/** Values in one product, and in the rounded copies that go into it, at most: 4 MB, so that they are still in the cache when used. */
const LARGEST_PRODUCT = 2 ** 20;

/** Adds the losses of some candidates on some outputs. */
export type AddLosses = (sums: Float64Array, candidates: Int32Array, outputs: Outputs) => Promise<void>;

/** Several copies of one factor times the other. */
interface StackedProduct {
  readonly data: Float32Array;
  /** Where a candidate's values are from those of the one before it, and where a row's. */
  readonly perCandidate: number;
  readonly perRow: number;
}

/** Losses by stacked products: as many candidates and units as fit go through onnxruntime at once. */
export function candidateLosses(metric: Metric, problem: Minimization, multiplier: Multiplier): AddLosses {
  const { products, side } = problem;
  const { inner, rightIsShared } = products;
  return async (sums, candidates, outputs) => {
    const { units, rows, columns } = outputs;
    const width = columns.until - columns.from;
    const roundedOfUnit = side === "left" ? rows.length * inner : rightIsShared ? 0 : width * inner;
    const ofUnit = Math.max(rows.length * width, roundedOfUnit);
    const ofWeight = side === "right" && rightIsShared ? width * inner : 0;
    const together = Math.max(1, Math.min(candidates.length, Math.floor(LARGEST_PRODUCT / Math.max(ofWeight, ofUnit))));
    const chunk = Math.max(1, Math.floor(LARGEST_PRODUCT / (together * ofUnit)));
    for (let c = 0; c < candidates.length; c += together) {
      const some = candidates.subarray(c, c + together);
      for (let u = 0; u < units.length; u += chunk) {
        const part = { ...outputs, units: units.subarray(u, u + chunk) };
        const { data, perCandidate, perRow } = await multiply(problem, multiplier, some, part);
        some.forEach((candidate, i) => {
          sums[candidate] += metric.loss(products, part, { data, at: i * perCandidate, perRow });
        });
      }
    }
  };
}

async function multiply(
  problem: Minimization,
  multiplier: Multiplier,
  candidates: Int32Array,
  outputs: Outputs,
): Promise<StackedProduct> {
  const { products, side, operand, bits } = problem;
  const { inner, rightIsShared } = products;
  const { units, rows, columns } = outputs;
  const factor = (of: "left" | "right") => {
    const data = of === side ? products[of] : problem.other;
    if (of === "left") return gatherRows(data, products, outputs);
    return rightIsShared
      ? data.subarray(columns.from * inner, columns.until * inner)
      : gatherRight(data, products, outputs);
  };
  const [left, right] = [factor("left"), factor("right")];
  const [own, other] = side === "left" ? [left, right] : [right, left];
  const shape = rightIsShared ? inner : ([units.length, rows.length, inner, products.columns] as const);
  const scales = Array.from(candidates, (c) => problem.candidates[c]);
  const parts = scales.map((scale) => operand.quantizer.parts(scale, bits));
  let data: Float32Array;
  if (parts[0] !== null) {
    data = await multiplier.multiplyRounded({
      side,
      own,
      other,
      candidates: parts as NonNullable<(typeof parts)[0]>[],
      shape,
    });
  } else {
    const stack = new Float32Array(scales.length * own.length);
    for (const [i, scale] of scales.entries()) {
      operand.quantizer.roundInto(stack.subarray(i * own.length, (i + 1) * own.length), own, scale, bits);
    }
    const [a, b] = side === "left" ? [stack, right] : [left, stack];
    data =
      typeof shape === "number" ? await multiplier.multiply(a, b, shape) : await multiplier.multiplyUnits(a, b, shape);
  }
  const width = columns.until - columns.from;
  return side === "right" && rightIsShared
    ? { data, perCandidate: width, perRow: candidates.length * width }
    : { data, perCandidate: units.length * rows.length * width, perRow: width };
}
