import { type Action, assertNever, pathKey } from "@quee/core";
import type { Refusal } from "./choices.js";
import type { Candidate, Explanation } from "./explain-decision.js";

/** An explanation as lines of text: what was done and why, then every candidate, the chosen one first and the others by loss. */
export function explanationLines(explanation: Explanation): readonly string[] {
  const { prefix, lambda, action } = explanation;
  const gate = prefix.length === 0 ? "first gate" : `gate behind ${pathKey(prefix)}`;
  const head = `${gate}, λ ${lambda}: ${said(action)}`;
  switch (explanation.rule) {
    case "first-gate":
      return [`${head}, as for every image`];
    case "last-exit":
      return [`${head}, there is no further block`];
    case "nothing-allowed":
      return [`${head}, no candidate is allowed`, ...table(explanation)];
    case "abstain": {
      const { leastError, abstainAbove } = explanation;
      return [
        `${head}, the least predicted error ${digits(leastError)} is above ${abstainAbove}`,
        ...table(explanation),
      ];
    }
    case "least-loss": {
      const { candidates, chosen } = explanation;
      const winner = candidates[chosen ?? 0];
      const rivals = candidates.filter(({ refused }, a) => refused === null && a !== chosen);
      const lead = Math.min(...rivals.map(({ behind }) => behind ?? Number.POSITIVE_INFINITY));
      const towards = action.kind === "exit" ? "" : ` towards ${pathKey(winner.path)}`;
      const margin = rivals.length === 0 ? "nothing else is allowed" : `ahead by ${digits(lead)}`;
      return [`${head}${towards}, ${margin}`, ...table(explanation)];
    }
    default:
      return assertNever(explanation);
  }
}

function said(action: Action): string {
  return action.kind === "continue" ? `continue at ${action.bits} bits` : action.kind;
}

type Consulted = Extract<Explanation, { readonly candidates: readonly Candidate[] }>;

const refusals: Readonly<Record<Refusal, string>> = {
  "above-max-cost": "not allowed: above the cost that an image may have",
  "not-sampled": "not allowed: not among the sampled paths",
};

function table({ candidates, chosen }: Pick<Consulted, "candidates" | "chosen">): readonly string[] {
  const width = Math.max(0, ...candidates.map(({ path }) => pathKey(path).length));
  const winner = chosen === null ? null : candidates[chosen];
  return candidates.toSorted(byLoss).map((candidate) => {
    const { path, predictedError, cost, loss, behind, refused } = candidate;
    const numbers = `error ${digits(predictedError)}  cost ${digits(cost)}  loss ${digits(loss)}`;
    const verdict = refused !== null ? refusals[refused] : behind === null ? "" : `+${digits(behind)}`;
    return `  ${pathKey(path).padEnd(width)}  ${numbers}  ${candidate === winner ? "chosen" : verdict}`.trimEnd();
  });
}

/** Allowed ones first; stable, so that of equal losses the cheaper, which is the chosen one, comes first. */
function byLoss(a: Candidate, b: Candidate): number {
  const order = Number(a.refused !== null) - Number(b.refused !== null);
  if (order !== 0) return order;
  return a.behind === null || b.behind === null ? a.loss - b.loss || 0 : a.behind - b.behind;
}

function digits(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : String(value);
}
