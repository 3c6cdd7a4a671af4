import type { Replay } from "@quee/path-tables";
import type { Results } from "@quee/report";
import { operatingPointForBudget } from "@quee/router";
import type { ChosenPoint } from "../methods/chosen-points.js";

/** A method with its chosen points, the config's own seed first. */
export interface MethodCurve {
  readonly method: { readonly name: string; readonly role: "rival" | "ceiling" | "floor" };
  readonly bySeed: readonly (readonly ChosenPoint[])[];
}

/** The settings of all methods that validation images recommend for each budget, and what they give on test images. */
export function operatingPoints(
  budgets: readonly number[],
  curves: readonly MethodCurve[],
): Results["operatingPoints"] {
  const [quee, ...rivals] = curves;
  return budgets.map((budget) => {
    const chosen = quee === undefined ? null : bestWithin(quee, budget);
    return {
      budget,
      lambda: chosen === null ? null : Number(chosen.setting),
      ...(chosen?.firstBits === undefined ? {} : { firstBits: chosen.firstBits }),
      validation: chosen === null ? null : { ...chosen.validation },
      test: chosen === null ? null : outcome(chosen),
      rivals: rivals.flatMap((rival) => {
        const best = bestWithin(rival, budget);
        if (best === null) return [];
        const { setting, validation } = best;
        return [{ method: rival.method.name, setting, validation: { ...validation }, test: outcome(best) }];
      }),
    };
  });
}

/** The point that validation images like best within a budget. */
export function bestWithin({ bySeed: [points = []] }: MethodCurve, budget: number): ChosenPoint | null {
  const onValidation = points.map((point) => ({ ...point.validation, setting: point.setting, point }));
  return operatingPointForBudget(onValidation, budget)?.point ?? null;
}

/** Where QuEE sends the test images at one of its points. */
export function queeReplayAt(
  [quee]: readonly MethodCurve[],
  { lambda, firstBits }: Pick<Results["operatingPoints"][number], "lambda" | "firstBits">,
): Replay {
  const point = quee?.bySeed[0]?.find((one) => one.setting === lambda && one.firstBits === firstBits);
  if (point === undefined) throw new RangeError(`no point at λ = ${lambda}`);
  return point.replay;
}

function outcome({ top1, cost }: ChosenPoint) {
  return { top1, cost };
}
