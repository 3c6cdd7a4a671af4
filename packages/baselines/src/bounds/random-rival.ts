import { legalPaths } from "@quee/core";
import { exitsOnly } from "../exits/exits-only.js";
import { randomPolicy } from "../random-policy.js";
import { policySetting } from "../rival/policy-setting.js";
import type { Rival } from "../rival/rival.js";
import { readsProbabilities } from "../rival/rival-paths.js";

/** Routing by lot at every cost, from all images leaving first to none: what adaptivity must stand above. */
export function randomRival({ count = 21 }: { readonly count?: number } = {}): Rival {
  return {
    name: "random",
    role: "floor",
    parameter: "exit probability",
    needs: (space) => readsProbabilities(legalPaths(space)),
    async fit({ space, seed }) {
      const settings = Array.from({ length: count }, (_, i) => i / (count - 1)).map((exitProbability) =>
        policySetting(exitProbability, randomPolicy({ seed, space, exitProbability }), space),
      );
      return { pays: exitsOnly(space), trainings: 0, settings };
    },
  };
}
