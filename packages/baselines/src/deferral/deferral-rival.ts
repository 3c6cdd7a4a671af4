import { costOf, type GateView, type Path, uniformPaths } from "@quee/core";
import { correctAlong, type PathTable, rowsInRuns } from "@quee/path-tables";
import { lambdaGrid } from "@quee/router";
import { zeros } from "@quee/tensor";
import { exitRulePolicy } from "../exits/exit-rule-policy.js";
import { newest } from "../exits/newest.js";
import { statisticCount } from "../gate-statistics.js";
import { probabilityRows } from "../networks/table-rows.js";
import { applyTwoLayers, type TwoLayers, twoLayerMacs } from "../networks/two-layers.js";
import { policySetting } from "../rival/policy-setting.js";
import type { Pays, Rival } from "../rival/rival.js";
import { fullPath, mostBits } from "../rival/rival-paths.js";
import { type GainSamples, gainInputs, trainGains } from "./gain-network.js";

/**
 * What a later exit would gain: `correctness` = 1[it is right] − 1[this one is] (Diff-01), `probability` = the difference of
 * their probabilities of the label (Diff-Prob).
 */
export type Gain = "correctness" | "probability";

export interface DeferralOptions {
  readonly gain?: Gain;
  readonly hidden?: number;
  readonly batchSize?: number;
  readonly maxEpochs?: number;
  readonly patience?: number;
  readonly learningRate?: number;
  readonly weightDecay?: number;
}

/**
 * Post-hoc deferral (Jitkrittum et al., NeurIPS 2023), from two models to many exits: a small network at each exit regresses
 * what every later exit would gain, and an image leaves where none gains more than λ times what it costs on top. One training
 * per exit serves every λ. QuEE's gates without bits, targets without clusters.
 */
export function deferralRival(options: DeferralOptions = {}): Rival {
  const { gain = "correctness", hidden = 16, batchSize = 512, maxEpochs = 20 } = options;
  const { patience = 2, learningRate = 1e-3, weightDecay = 1e-4 } = options;
  return {
    name: gain === "correctness" ? "deferral" : "deferral-probability",
    role: "rival",
    parameter: "lambda",
    needs(space) {
      const exits = uniformPaths(mostBits(space), space.exitCount);
      return { trainPaths: exits, paths: exits, featurePaths: [] };
    },
    async fit({ space, train, validation, costs, seed, memoryBytes, signal, onTraining }) {
      const exits = uniformPaths(mostBits(space), space.exitCount);
      const settingsOf = { hidden, batchSize, maxEpochs, patience, learningRate, weightDecay, seed, signal };
      const networks: TwoLayers[] = [];
      for (let exit = 0; exit < exits.length - 1; exit++) {
        const [own, held] = [train, validation].map((table) => gainSamples(table, exits, exit, { gain, memoryBytes }));
        networks.push(await trainGains({ ...settingsOf, train: own, validation: held }));
        onTraining?.(networks.length);
      }
      const pays: Pays = {
        heads: "every-exit",
        gateMacs: networks.map((_, exit) =>
          twoLayerMacs({ inputs: train.classCount + statisticCount, hidden, outputs: exits.length - 1 - exit }),
        ),
      };
      const prices = costs(pays);
      const cost = exits.map((path) => costOf(prices, path));
      const settings = lambdaGrid().map((lambda) => {
        const leaves = (view: GateView) => {
          const exit = view.prefix.length - 1;
          const extra = cost.slice(exit + 1).map((later) => lambda * (later - cost[exit]));
          const { data } = applyTwoLayers(networks[exit], gainInputs(newest(view)));
          return Uint8Array.from({ length: view.count }, (_, i) =>
            extra.every((price, later) => data[i * extra.length + later] <= price) ? 1 : 0,
          );
        };
        return policySetting(
          lambda,
          exitRulePolicy({ name: `deferral λ=${lambda}`, path: fullPath(space), leaves }),
          space,
        );
      });
      return { pays, trainings: networks.length, settings };
    },
  };
}

function gainSamples(
  table: PathTable,
  exits: readonly Path[],
  exit: number,
  { gain, memoryBytes }: { readonly gain: Gain; readonly memoryBytes: number | undefined },
): GainSamples {
  const { count, classCount } = table;
  const worthOf = gain === "correctness" ? correctAlong : probabilityOfLabel;
  const now = worthOf(table, exits[exit]);
  const later = exits.slice(exit + 1).map((path) => worthOf(table, path));
  const gains = zeros([count, later.length]);
  for (const [l, values] of later.entries()) {
    for (let i = 0; i < count; i++) gains.data[i * later.length + l] = values[i] - now[i];
  }
  const inputs = probabilityRows(table, {
    ...{ paths: [exits[exit]], width: classCount + statisticCount, memoryBytes },
    of: (probabilities) => gainInputs(probabilities).data,
  });
  return { inputs, gains };
}

function probabilityOfLabel(table: PathTable, path: Path): Float32Array {
  const values = new Float32Array(table.count);
  for (const { from, rows } of rowsInRuns(table, path)) {
    const [count, classCount] = rows.shape;
    for (let i = 0; i < count; i++) values[from + i] = rows.data[i * classCount + table.labels[from + i]];
  }
  return values;
}
