import { type GateView, type Path, uniformPaths } from "@quee/core";
import { type PathTable, rowsOf, runsOf, samplesOf } from "@quee/path-tables";
import { type Tensor, tensor } from "@quee/tensor";
import { confidences } from "../confidence.js";
import { exitRulePolicy } from "../exits/exit-rule-policy.js";
import { exitsOnly } from "../exits/exits-only.js";
import { quantileThresholds } from "../exits/quantile-thresholds.js";
import { logProbability } from "../networks/cross-entropies.js";
import { probabilityRows } from "../networks/table-rows.js";
import { policySetting } from "../rival/policy-setting.js";
import type { Rival } from "../rival/rival.js";
import { fullPath, mostBits, readsProbabilities } from "../rival/rival-paths.js";
import { fitEnsemble } from "./fit-ensemble.js";
import { applyEnsemble, type GeometricEnsemble } from "./geometric-ensemble.js";

export interface EnsembleOptions {
  /** Thresholds, default 201. */
  readonly count?: number;
  readonly batchSize?: number;
  readonly epochs?: number;
  readonly learningRate?: number;
}

/**
 * Geometric ensembles of the exits passed, as in Zero Time Waste (Wołczyk et al., arXiv 2106.05409), with one threshold on their
 * max p; they are the answers too. The cascade connections of that paper would train the heads anew: they are not here. Fitted
 * on validation images, since heads are too sure of the ones that they learned from.
 */
export function ensembleRival(options: EnsembleOptions = {}): Rival {
  const { count = 201, batchSize = 512, epochs = 40, learningRate = 0.02 } = options;
  return {
    name: "ensemble",
    role: "rival",
    parameter: "threshold",
    needs: (space) => readsProbabilities(uniformPaths(mostBits(space), space.exitCount)),
    async fit({ space, validation, seed, memoryBytes, signal, onTraining }) {
      const { labels, classCount } = validation;
      const paths = uniformPaths(mostBits(space), space.exitCount);
      const logs = probabilityRows(validation, {
        ...{ paths, width: classCount, memoryBytes },
        of: ({ data }) => data.map(logProbability),
      });
      const ensembles: GeometricEnsemble[] = [];
      for (let exits = 2; exits <= paths.length; exits++) {
        const data = { logs: logs.select([...paths.keys()].slice(0, exits)), labels, classCount };
        ensembles.push(await fitEnsemble({ ...data, batchSize, epochs, learningRate, seed, signal }));
        onTraining?.(ensembles.length);
      }
      const answer = (passed: readonly Float32Array[]): Tensor =>
        passed.length === 1
          ? tensor([passed[0].length / classCount, classCount], passed[0])
          : applyEnsemble(ensembles[passed.length - 2], passed);
      const thresholds = quantileThresholds(surenessOf(validation, paths.slice(0, -1), answer), count);
      const settings = thresholds.map((threshold) => {
        const leaves = (view: GateView) =>
          Uint8Array.from(confidences.maxProbability(answer(view.history)), (sure) => (sure >= threshold ? 1 : 0));
        const rule = { name: `ensemble ≥ ${threshold}`, path: fullPath(space), leaves };
        const policy = exitRulePolicy({ ...rule, answer: (view) => answer(view.history).data });
        return policySetting(threshold, policy, space);
      });
      return { pays: exitsOnly(space), trainings: ensembles.length, settings };
    },
  };
}

/** How sure the answers at each exit are, each [N]. @param answer of the exits passed */
function surenessOf(
  table: PathTable,
  exits: readonly Path[],
  answer: (passed: readonly Float32Array[]) => Tensor,
): readonly Float32Array[] {
  const sureness = exits.map(() => new Float32Array(table.count));
  for (const run of runsOf(table)) {
    const passed = exits.map((path) => rowsOf(table, path, samplesOf(run)));
    for (const [e, values] of sureness.entries()) {
      values.set(confidences.maxProbability(answer(passed.slice(0, e + 1))), run.from);
    }
  }
  return sureness;
}
