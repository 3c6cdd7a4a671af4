import { type Action, type Path, QueeError } from "@quee/core";
import type { ChoiceOptions, Choices } from "./choices.js";
import { leastLoss } from "./decide.js";

/** How a gate decides, apart from λ. */
export interface GateRuleOptions extends ChoiceOptions {
  /**
   * Abstain where the predicted error of every choice is above this: no answer that the gate could still get is good enough.
   * Never by default.
   */
  readonly abstainAbove?: number;
}

/** Position of the chosen one among the choices; `abstain`; or `stop` where nothing may be chosen: what is paid is paid. */
export type Verdict = number | "abstain" | "stop";

/** Equation 18 for one image, whose predicted errors start at `from`, within the limits of the rule. */
export function verdictOf(
  predictedError: Float32Array,
  from: number,
  choices: Choices,
  { lambda, abstainAbove }: { readonly lambda: number; readonly abstainAbove?: number | undefined },
): Verdict {
  if (choices.order.length === 0) return "stop";
  if (abstainAbove !== undefined && leastError(predictedError, from, choices) > abstainAbove) return "abstain";
  return leastLoss(predictedError, from, choices, lambda);
}

/** Of all that may be chosen. */
export function leastError(predictedError: Float32Array, from: number, { order }: Choices): number {
  let least = Number.POSITIVE_INFINITY;
  for (const a of order) least = Math.min(least, predictedError[from + a]);
  return least;
}

/** The first step from `prefix` along `path`. */
export function actionTowards(path: Path, prefix: Path): Action {
  return path.length === prefix.length ? { kind: "exit" } : { kind: "continue", bits: path[prefix.length] };
}

export function assertLambda(lambda: number): void {
  assertWithin("lambda", lambda, Number.POSITIVE_INFINITY);
}

/** Refuses limits that no cost or probability could mean. */
export function assertLimits({ maxCost, abstainAbove }: GateRuleOptions): void {
  if (maxCost !== undefined) assertWithin("maxCost", maxCost, Number.POSITIVE_INFINITY);
  if (abstainAbove !== undefined) assertWithin("abstainAbove", abstainAbove, 1);
}

function assertWithin(where: string, value: number, most: number): void {
  if (value >= 0 && value <= most) return;
  throw new QueeError({ code: "E_ROUTER_OPTION", kind: "config", where, expected: `0 … ${most}`, got: String(value) });
}
