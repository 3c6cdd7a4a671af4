import { leastLoss } from "./decide.js";
import { leastError } from "./gate-rule.js";
import type { RoutingNode } from "./routing-tree.js";

/** Told where an image ends for every λ from `from` on, until the next call; `from` rises, the first is 0. */
export type OnSegment = (from: number, path: number, abstains: boolean) => void;

/**
 * Where one image ends as a function of λ. At a gate every choice is a line λ·cost + predicted error in λ, and the router
 * follows the lowest one: a few intervals of λ, each cheaper than the one before. Within each the image goes on to the next
 * gate, which divides it further. So no grid of λ can miss a point of the curve.
 *
 * At the λ where two lines meet the cheaper has won already, as ties go to the cheaper.
 */
export function lambdaSegments(
  root: RoutingNode,
  image: number,
  abstainAbove: number | undefined,
  onSegment: OnSegment,
): void {
  let last = -1;
  let lastAbstains = false;
  const emit = (from: number, path: number, abstains: boolean) => {
    if (path === last && abstains === lastAbstains) return;
    onSegment(from, path, abstains);
    last = path;
    lastAbstains = abstains;
  };
  const walk = ({ path, gate }: RoutingNode, from: number, to: number): void => {
    if (gate === null || gate.choices.order.length === 0) {
      emit(from, path, false);
      return;
    }
    const { choices, predictedError, next } = gate;
    const row = image * gate.candidateCount;
    if (abstainAbove !== undefined && leastError(predictedError, row, choices) > abstainAbove) {
      emit(from, path, true);
      return;
    }
    const { order, cost } = choices;
    let chosen = leastLoss(predictedError, row, choices, from);
    let start = from;
    while (start < to) {
      let end = to;
      let cheaper = -1;
      for (let b = 0; cost[b] < cost[chosen]; b++) {
        const gain = predictedError[row + order[b]] - predictedError[row + order[chosen]];
        // Rounding must not lead back.
        const meeting = Math.max(start, gain / (cost[chosen] - cost[b]));
        if (meeting >= end) continue;
        end = meeting;
        cheaper = b;
      }
      const child = next[chosen];
      if (end > start) {
        if (child === null) emit(start, path, false);
        else walk(child, start, end);
      }
      if (cheaper < 0) return;
      chosen = cheaper;
      start = end;
    }
  };
  walk(root, 0, Number.POSITIVE_INFINITY);
}
