import type { PathSpace } from "@quee/core";
import { policySetting } from "../rival/policy-setting.js";
import type { Pays, Rival } from "../rival/rival.js";
import { prefixesOf, readsProbabilities, uniformFullPaths } from "../rival/rival-paths.js";
import { staticPolicy } from "../static-policy.js";

/** The whole network at each bit-width, with no exits: plain PTQ4ViT. QuEE (arXiv 2406.14404), section 5.4. */
export function staticPtqRival(): Rival {
  return {
    name: "static-ptq",
    role: "rival",
    parameter: "bits",
    needs: (space) => readsProbabilities(uniformFullPaths(space).flatMap(prefixesOf)),
    async fit({ space }) {
      const settings = uniformFullPaths(space).map((path) => policySetting(path[0], staticPolicy(path), space));
      return { pays: oneHead(space), trainings: 0, settings };
    },
  };
}

/** A static network has the head of its own exit and decides nothing. */
export function oneHead({ exitCount }: PathSpace): Pays {
  return { heads: "last-exit", gateMacs: Array.from({ length: exitCount - 1 }, () => 0) };
}
