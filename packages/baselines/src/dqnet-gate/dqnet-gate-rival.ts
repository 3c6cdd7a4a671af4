import type { Path, PathSpace } from "@quee/core";
import type { PathTable } from "@quee/path-tables";
import { zeros } from "@quee/tensor";
import { crossEntropiesAlong } from "../networks/cross-entropies.js";
import { featuresAlong } from "../networks/exit-features.js";
import { type TwoLayersSize, twoLayerMacs } from "../networks/two-layers.js";
import { policySetting } from "../rival/policy-setting.js";
import type { Pays, Rival, RivalSetting } from "../rival/rival.js";
import { mostBits } from "../rival/rival-paths.js";
import { staticPolicy } from "../static-policy.js";
import { oneHead } from "../statics/static-ptq-rival.js";
import { selectionOf } from "./controller.js";
import { dqnetGatePolicy } from "./dqnet-gate-policy.js";
import { controllerPaths, type DqnetPathOptions, dqnetPaths } from "./dqnet-paths.js";
import { type ControllerSamples, type Tradeoff, trainDqnetGate } from "./train-dqnet-gate.js";

/** QuEE (arXiv 2406.14404), section 7.1.4: one training for each pair with a target among the levels. */
export const dqnetAlphas: readonly number[] = [0, 0.01, 0.05, 0.1, 0.3, 0.5, 2, 10];

export interface DqnetGateOptions extends DqnetPathOptions {
  readonly alphas?: readonly number[];
  /**
   * MACs of block 1 … E: then the bits of a path are weighted by what they are spent on. Without it they are the plain mean
   * over the blocks behind the first, as in the paper.
   */
  readonly blockMacs?: readonly number[];
  readonly hidden?: number;
  readonly dropout?: number;
  readonly batchSize?: number;
  /** QuEE, table 3: 10 on CIFAR-10. */
  readonly maxEpochs?: number;
  readonly patience?: number;
  readonly learningRate?: number;
  readonly weightDecay?: number;
}

/**
 * DQNet-gate (QuEE, section 5.4): a controller behind the first block chooses the bits of all later ones for each image; the
 * quantized backbone is frozen, and there are no exits. Blocks, not layers, have bits, so that all paths can be collected.
 *
 * The controller reads the exit features of the first block, whatever they hold: the class token, or the class token and the
 * mean of the patches one behind the other where those were collected.
 */
export function dqnetGateRival(options: DqnetGateOptions = {}): Rival {
  const { alphas = dqnetAlphas, order = "any", hidden = 64, dropout = 0.2, batchSize = 512 } = options;
  const { maxEpochs = 10, patience = 2, learningRate = 1e-3, weightDecay = 1e-4 } = options;
  return {
    name: order === "any" ? "dqnet-gate" : "dqnet-gate-monotone",
    role: "rival",
    parameter: "α and target bits",
    needs(space) {
      const paths = dqnetPaths(space, { order });
      return { trainPaths: paths, paths, featurePaths: [[mostBits(space)]] };
    },
    async fit(inputs) {
      const { space, seed, memoryBytes, signal } = inputs;
      const paths = controllerPaths(space, { order });
      // Nothing to learn where there is one path.
      if (paths.length === 1) return { pays: oneHead(space), trainings: 0, settings: [onlyPath(paths[0], space)] };
      const levels = space.levels.toSorted((a, b) => b - a);
      const train = samplesOf(inputs.train, paths, memoryBytes);
      const size = { inputs: train.features.widths[0], hidden, outputs: (space.exitCount - 1) * levels.length };
      const shared = {
        train,
        validation: samplesOf(inputs.validation, paths, memoryBytes),
        selection: selectionOf(paths, levels),
        pathBits: meanBits(paths, options.blockMacs ?? paths[0].map(() => 1)),
        ...{ hidden, dropout, batchSize, maxEpochs, patience, learningRate, weightDecay, seed, signal },
      };
      const tradeoffs = pairs(alphas, levels);
      const controllers = await trainDqnetGate({ ...shared, tradeoffs, onTraining: inputs.onTraining });
      const settings = tradeoffs.map(({ alpha, targetBits }, t) => {
        const setting = alpha === 0 ? "α 0" : `α ${alpha}, target ${targetBits}`;
        const options = { name: `dqnet-gate ${setting}`, controller: controllers[t], paths, levels };
        return policySetting(setting, dqnetGatePolicy(options), space);
      });
      return { pays: paysController(space, size), trainings: settings.length, settings };
    },
  };
}

function onlyPath(path: Path, space: PathSpace): RivalSetting {
  return policySetting("one path", staticPolicy(path), space);
}

/** At α = 0 the target does not matter: one training. */
function pairs(alphas: readonly number[], levels: readonly number[]): readonly Tradeoff[] {
  return alphas.flatMap((alpha) =>
    (alpha === 0 ? levels.slice(0, 1) : levels).map((targetBits) => ({ alpha, targetBits })),
  );
}

function samplesOf(table: PathTable, paths: readonly Path[], memoryBytes: number | undefined): ControllerSamples {
  const features = featuresAlong(table, [paths[0].slice(0, 1)], memoryBytes);
  const crossEntropy = zeros([table.count, paths.length]);
  for (const [p, path] of paths.entries()) {
    for (const [i, loss] of crossEntropiesAlong(table, path).entries()) crossEntropy.data[i * paths.length + p] = loss;
  }
  return { features, crossEntropy };
}

/** Mean bits of the blocks behind the first, which alone the controller decides on. @returns [A] */
function meanBits(paths: readonly Path[], weights: readonly number[]): Float32Array {
  const total = weights.slice(1).reduce((sum, weight) => sum + weight, 0);
  return Float32Array.from(paths, (path) =>
    path.slice(1).reduce((sum, level, j) => sum + (weights[j + 1] / total) * level, 0),
  );
}

/** One head at the end, and the controller behind the first block. */
function paysController({ exitCount }: PathSpace, size: TwoLayersSize): Pays {
  const gateMacs = Array.from({ length: exitCount - 1 }, (_, j) => (j === 0 ? twoLayerMacs(size) : 0));
  return { heads: "last-exit", gateMacs };
}
