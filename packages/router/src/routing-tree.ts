import { type Path, type PathKey, pathKey } from "@quee/core";
import { type Choices, choicesAt } from "./choices.js";
import type { Foresight } from "./foresee.js";
import type { GateRuleOptions } from "./gate-rule.js";

/** A place that images come to, with all that the gate there needs to decide about any of them. */
export interface RoutingNode {
  /** Index of the path so far among those of the foresight. */
  readonly path: number;
  /** Null behind the last block, where everything exits. */
  readonly gate: {
    readonly choices: Choices;
    /** [N, A], see `ForeseenGate` */
    readonly predictedError: Float32Array;
    readonly candidateCount: number;
    /** Where each choice leads first, like `choices.order`; null is to exit. */
    readonly next: readonly (RoutingNode | null)[];
  } | null;
}

/** The gates of a foresight under given costs and limits, as a tree that begins behind `first`. */
export function routingTree(foresight: Foresight, first: Path, options: GateRuleOptions): RoutingNode {
  const indexOf = new Map<PathKey, number>(foresight.paths.map((path, p) => [pathKey(path), p]));
  const nodeAt = (prefix: Path): RoutingNode => {
    const key = pathKey(prefix);
    const path = indexOf.get(key) as number;
    const foreseen = foresight.gates.get(key);
    if (foreseen === undefined) return { path, gate: null };
    const { candidates, predictedError } = foreseen;
    const choices = choicesAt(prefix, candidates, options);
    const children = new Map<number, RoutingNode>();
    const next = Array.from(choices.order, (a) => {
      const bits = candidates[a][prefix.length];
      if (bits === undefined) return null;
      const child = children.get(bits) ?? nodeAt([...prefix, bits]);
      children.set(bits, child);
      return child;
    });
    return { path, gate: { choices, predictedError, candidateCount: candidates.length, next } };
  };
  return nodeAt(first);
}
