import { QueeError } from "@quee/core";
import type { LambdaSweep } from "./sweep-lambda.js";

/**
 * At most `count` λ, rising, whose costs are spread evenly over the curve of a validation sweep, first and last point included:
 * a grid that looks closely where λ matters, for figures and tables of other splits. Each is inside its interval.
 */
export function lambdasAlongCurve({ points }: LambdaSweep<"validation">, count: number): readonly number[] {
  if (!Number.isInteger(count) || count < 2) {
    throw new QueeError({
      code: "E_LAMBDA_COUNT",
      kind: "config",
      where: "count of λ",
      expected: "a whole number above 1",
      got: String(count),
    });
  }
  const [first, last] = [points[0], points[points.length - 1]];
  const lambdas = [first.setting];
  let p = 0;
  for (let k = 1; k < count - 1; k++) {
    const cost = first.cost + ((last.cost - first.cost) * k) / (count - 1);
    while (p < points.length - 1 && points[p].cost > cost) p++;
    lambdas.push(points[p].setting);
  }
  lambdas.push(last.setting);
  return lambdas.filter((lambda, k) => k === 0 || lambda > lambdas[k - 1]);
}
