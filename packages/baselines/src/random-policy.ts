import { type Action, nextLevels, type PathSpace, type Policy, QueeError } from "@quee/core";
import { type Random, randomStream } from "@quee/tensor";

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
    decide({ prefix, count, classCount, history }) {
      const levels = nextLevels(prefix, space);
      return Array.from({ length: count }, (_, i): Action => {
        // At the first gate nothing is known of an image, and none may exit: all get the same lot.
        const newest = history.at(-1)?.subarray(i * classCount, (i + 1) * classCount) ?? new Float32Array(0);
        const random = randomStream(seed, `random policy ${prefix.length} ${bitsOf(newest)}`);
        return draw(random, levels, prefix.length === 0 ? 0 : exitProbability);
      });
    },
  };
}

function draw(random: Random, levels: ReturnType<typeof nextLevels>, exitProbability: number): Action {
  const exits = random.uniform() < exitProbability;
  if (exits || levels.length === 0) return { kind: "exit" };
  return { kind: "continue", bits: levels[random.below(levels.length)] };
}

/** The bits of the values, as text. */
function bitsOf(values: Float32Array): string {
  return new Uint32Array(values.slice().buffer).join(",");
}
