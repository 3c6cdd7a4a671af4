import { type GateView, uniformPaths } from "@quee/core";
import { argmaxRows, tensor } from "@quee/tensor";
import { policySetting } from "../rival/policy-setting.js";
import type { Rival } from "../rival/rival.js";
import { fullPath, mostBits, readsProbabilities } from "../rival/rival-paths.js";
import { exitRulePolicy } from "./exit-rule-policy.js";
import { exitsOnly } from "./exits-only.js";

/**
 * PABEE (Zhou et al., arXiv 2006.04152): an image leaves when the last t + 1 exits agree on its class. With few exits there are
 * few settings.
 */
export function patienceRival(): Rival {
  return {
    name: "patience",
    role: "rival",
    parameter: "patience",
    needs: (space) => readsProbabilities(uniformPaths(mostBits(space), space.exitCount)),
    async fit({ space }) {
      const path = fullPath(space);
      const settings = Array.from({ length: space.exitCount - 1 }, (_, i) => i + 1).map((patience) => {
        const leaves = (view: GateView) => agree(view, patience);
        return policySetting(patience, exitRulePolicy({ name: `patience ${patience}`, path, leaves }), space);
      });
      return { pays: exitsOnly(space), trainings: 0, settings };
    },
  };
}

function agree({ history, count, classCount }: GateView, patience: number): Uint8Array {
  if (history.length <= patience) return new Uint8Array(count);
  const classes = history.slice(-patience - 1).map((rows) => argmaxRows(tensor([count, classCount], rows)));
  return Uint8Array.from({ length: count }, (_, i) => (classes.every((of) => of[i] === classes[0][i]) ? 1 : 0));
}
