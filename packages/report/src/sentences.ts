import type { OperatingPointResult, Results } from "./results-schema.js";
import { inSentence, methodName, percent, settingText, shortPercent } from "./words.js";

/** The result in one sentence: the budget nearest to half, and the strongest rival under it. */
export function headline(results: Results): string {
  const point = nearestToHalf(results.operatingPoints);
  const reference = percent(results.backbone.top1);
  if (point?.test == null) {
    return `QuEE meets none of the budgets; the network at full precision keeps ${reference} of images right`;
  }
  const best = bestRival(point);
  const against =
    best === null ? "" : `, against ${percent(best.test.top1)} for ${inSentence(methodName(best.method))}`;
  return `${budgetWords(point.budget)}, QuEE keeps ${percent(point.test.top1)} of images right${against}`;
}

/** One line per budget, for a terminal: the λ to use, and what it brings on test images. */
export function operatingPointLines(results: Results): readonly string[] {
  return results.operatingPoints.map((point) => {
    const budget = `budget ${shortPercent(point.budget)}`;
    if (point.lambda === null || point.test === null) return `${budget}: no λ is cheap enough`;
    const { top1, cost } = point.test;
    const best = bestRival(point);
    const rival =
      best === null ? "" : ` (${methodName(best.method)}: ${percent(best.test.top1)} at ${percent(best.test.cost)})`;
    const first = point.firstBits === undefined ? "" : `, block 1 at ${point.firstBits} bits,`;
    return `${budget}: λ = ${settingText(point.lambda)}${first} has ${percent(top1)} right at ${percent(cost)} of the cost${rival}`;
  });
}

/** The budget that is nearest to half of the computation and can be met. */
export function nearestToHalf(points: readonly OperatingPointResult[]): OperatingPointResult | undefined {
  const reachable = points.filter(({ test }) => test !== null);
  return reachable.reduce<OperatingPointResult | undefined>(
    (best, point) => (best === undefined || Math.abs(point.budget - 0.5) < Math.abs(best.budget - 0.5) ? point : best),
    undefined,
  );
}

/** The rival with the most test images right under the same budget. */
function bestRival({ rivals }: OperatingPointResult): OperatingPointResult["rivals"][number] | null {
  // Oracles know the answer and random paths know nothing: neither is a rival.
  const real = rivals.filter(({ method }) => !method.startsWith("oracle-") && method !== "random");
  return real.reduce<OperatingPointResult["rivals"][number] | null>(
    (best, rival) => (best === null || rival.test.top1 > best.test.top1 ? rival : best),
    null,
  );
}

function budgetWords(budget: number): string {
  if (Math.abs(budget - 0.5) < 1e-9) return "At half the computation";
  return `At ${shortPercent(budget)} of the computation`;
}
