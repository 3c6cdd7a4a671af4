import type { Action, GateView, Policy } from "@quee/core";
import { rememberedChoices } from "./choices.js";
import { type FirstBitsOptions, firstStep } from "./first-bits.js";
import { actionTowards, assertLambda, assertLimits, type GateRuleOptions, verdictOf } from "./gate-rule.js";
import { type Predict, predictChecked } from "./predictions.js";

export interface QueePolicyOptions extends GateRuleOptions, FirstBitsOptions {
  readonly predict: Predict;
  /** What a whole unit of cost is worth in probability of error; 0 … Infinity. */
  readonly lambda: number;
}

/**
 * The router: the first gate sends everything the same way, to the most bits by default; every later gate takes
 * π* = argmin λ·c(π′) + p̂(error | π′) over the candidates π′ that begin with the path so far, exits if π* is that path, and
 * else runs the next block at the bits of π*. QuEE (arXiv 2406.14404), section 5.3, equation 18.
 */
export function queePolicy(options: QueePolicyOptions): Policy {
  const { predict, lambda, space, abstainAbove } = options;
  assertLambda(lambda);
  assertLimits(options);
  const first = actionTowards(firstStep(options), []);
  const choicesAt = rememberedChoices(options);
  return {
    name: policyName(lambda),
    decide(view) {
      const { prefix, count } = view;
      if (prefix.length === 0) return all(view, first);
      if (prefix.length >= space.exitCount) return all(view, { kind: "exit" });
      const { candidates, predictedError } = predictChecked(predict, view);
      const choices = choicesAt(prefix, candidates);
      return Array.from({ length: count }, (_, i): Action => {
        const verdict = verdictOf(predictedError, i * candidates.length, choices, { lambda, abstainAbove });
        if (verdict === "abstain") return { kind: "abstain" };
        return verdict === "stop" ? { kind: "exit" } : actionTowards(candidates[choices.order[verdict]], prefix);
      });
    },
  };
}

export function policyName(lambda: number): string {
  return `quee λ=${lambda}`;
}

function all({ count }: GateView, action: Action): readonly Action[] {
  return Array.from({ length: count }, () => action);
}
