import { type Action, nextLevels, type PathSpace, type Policy, QueeError } from "@quee/core";
import type { Random } from "@quee/tensor";
import { lotsOf } from "./lots.js";

export interface RandomPolicyOptions {
  readonly seed: number;
  readonly space: PathSpace;
  /** Of leaving at each exit; the next bits are drawn evenly from the legal ones. */
  readonly exitProbability: number;
}

/**
 * Decides by lot: the floor that every policy must stand above. The lot of an image is drawn from the bits of its own
 * probabilities, so it depends neither on the order of the images nor on how they are batched.
 */
export function randomPolicy({ seed, space, exitProbability }: RandomPolicyOptions): Policy {
  if (!(exitProbability >= 0 && exitProbability <= 1)) {
    throw new QueeError({
      code: "E_PROBABILITY",
      kind: "config",
      where: "exitProbability",
      expected: "0 … 1",
      got: String(exitProbability),
    });
  }
  return {
    name: `random ${exitProbability}`,
    decide(view) {
      const levels = nextLevels(view.prefix, space);
      // No exit lies before block 1.
      const leaving = view.prefix.length === 0 ? 0 : exitProbability;
      return Array.from(lotsOf(view, seed, "random policy"), (random) => draw(random, levels, leaving));
    },
  };
}

function draw(random: Random, levels: ReturnType<typeof nextLevels>, exitProbability: number): Action {
  const exits = random.uniform() < exitProbability;
  if (exits || levels.length === 0) return { kind: "exit" };
  return { kind: "continue", bits: levels[random.below(levels.length)] };
}
