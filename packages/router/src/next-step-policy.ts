import type { GateView, Path, Policy } from "@quee/core";
import { type QueePolicyOptions, queePolicy } from "./quee-policy.js";

/** What a gate of the next-best-step kind says about a view. */
export interface StepPredictions {
  /** As `nextSteps` lists them: each the prefix, or the prefix and one level more. */
  readonly steps: readonly Path[];
  /** ℓ̂*_b of every image and step, [n, A] row-major, for the λ that the gates were trained with. */
  readonly predictedLoss: Float32Array;
}

export interface NextStepPolicyOptions extends Pick<QueePolicyOptions, "space" | "costs" | "firstBits" | "maxCost"> {
  readonly predict: (view: GateView) => StepPredictions;
  /** The λ that the gates were trained with; only the name of the policy shows it. */
  readonly lambda: number;
}

/**
 * Takes the step with the least predicted loss. QuEE (arXiv 2406.14404), section 7.3, equation 20. Of equal losses the step
 * whose block costs less wins. O(B) predictions at a gate instead of O(B^E·E), and gates that serve one λ.
 *
 * It is the router at λ = 0, as the predicted losses hold the costs already.
 */
export function nextStepPolicy({ predict, lambda, ...options }: NextStepPolicyOptions): Policy {
  const asked = (view: GateView) => {
    const { steps, predictedLoss } = predict(view);
    return { candidates: steps, predictedError: predictedLoss };
  };
  return { ...queePolicy({ ...options, predict: asked, lambda: 0 }), name: `next-best-step λ=${lambda}` };
}
