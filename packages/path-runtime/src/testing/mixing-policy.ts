import { type Action, nextLevels, type PathSpace, type Policy } from "@quee/core";

/** Sends images every way that a space allows, by a function of what they show; what it does to one ignores the others. */
export function mixingPolicy(space: PathSpace, frequency: number): Policy {
  return {
    name: "mixing",
    decide: ({ prefix, count, classCount, history }) => {
      const levels = nextLevels(prefix, space);
      return Array.from({ length: count }, (_, i): Action => {
        if (prefix.length === 0) return { kind: "continue", bits: levels[0] };
        let mixed = 0;
        for (const rows of history) for (let k = 0; k < classCount; k++) mixed += (k + 1) * rows[i * classCount + k];
        const choice = Math.floor(mixed * frequency) % (levels.length + 2);
        if (choice > 0 && choice <= levels.length) return { kind: "continue", bits: levels[choice - 1] };
        return { kind: choice === 0 ? "exit" : "abstain" };
      });
    },
  };
}
