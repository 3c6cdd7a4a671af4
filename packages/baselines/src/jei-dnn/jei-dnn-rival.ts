import { costOf, type PathSpace, type SplitRole, uniformPaths } from "@quee/core";
import { trainExitHeads } from "@quee/exit-heads";
import type { PathTable } from "@quee/path-tables";
import type { SampleRows } from "@quee/training";
import { statisticCount } from "../gate-statistics.js";
import { policySetting } from "../rival/policy-setting.js";
import type { Pays, Rival, RivalInputs, RivalSetting } from "../rival/rival.js";
import { fullPath, mostBits } from "../rival/rival-paths.js";
import { staticPolicy } from "../static-policy.js";
import { jeiDnnPolicy } from "./jei-dnn-policy.js";
import { type JeiDnnSamples, jeiDnnSamples } from "./samples.js";
import { type HeadWeighting, trainJeiDnn } from "./train-jei-dnn.js";

/** QuEE (arXiv 2406.14404), section 7.1.4: one training each. */
export const jeiDnnLambdas: readonly number[] = [0, 0.01, 0.05, 0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 3, 5];

export interface JeiDnnOptions {
  readonly weighting?: HeadWeighting;
  readonly lambdas?: readonly number[];
  readonly batchSize?: number;
  /** At most, of heads alone. QuEE, table 2: 15 on CIFAR-10. */
  readonly warmUpEpochs?: number;
  /** Of gates and heads in turns. The paper gives none: as many as of the warm-up. */
  readonly jointEpochs?: number;
  readonly learningRate?: number;
  /**
   * Ten times the heads' by default: at 1e-3 five numbers could not travel far enough in the few hundred steps that they get. So
   * this rival is stronger than the paper's.
   */
  readonly gateLearningRate?: number;
  readonly weightDecay?: number;
}

/**
 * JEI-DNN (Regol et al., ICLR 2024) as QuEE compares with it (section 5.4): on the backbone at the most bits, one training per λ.
 * Two differences: features are cached, so images are not augmented; and warm-up heads stop by validation loss. The warm-up
 * knows no λ and is shared.
 */
export function jeiDnnRival(options: JeiDnnOptions = {}): Rival {
  const { weighting = "as-described", lambdas = jeiDnnLambdas, batchSize = 512, warmUpEpochs = 15 } = options;
  const { jointEpochs = warmUpEpochs, learningRate = 1e-3, gateLearningRate = 1e-2, weightDecay = 1e-4 } = options;
  return {
    name: weighting === "as-described" ? "jei-dnn" : "jei-dnn-published",
    role: "rival",
    parameter: "lambda",
    needs(space) {
      const exits = uniformPaths(mostBits(space), space.exitCount);
      return { trainPaths: exits, paths: exits, featurePaths: exits.slice(0, -1) };
    },
    async fit(inputs) {
      const { space, costs, seed, memoryBytes, signal } = inputs;
      const pays = paysGates(space);
      const settings: RivalSetting[] = [];
      // Nothing to learn where nothing can be decided.
      if (space.exitCount === 1) {
        return { pays, trainings: 0, settings: [policySetting(0, staticPolicy(fullPath(space)), space)] };
      }
      const exits = uniformPaths(mostBits(space), space.exitCount);
      const train = jeiDnnSamples(inputs.train, exits, memoryBytes);
      const validation = jeiDnnSamples(inputs.validation, exits, memoryBytes);
      const heads = await warmUp(inputs, train, validation, { batchSize, warmUpEpochs, learningRate, weightDecay });
      inputs.onTraining?.(1);
      const prices = costs(pays);
      const cost = exits.map((path) => costOf(prices, path));
      const shared = { train, validation, heads, cost, weighting, batchSize, epochs: jointEpochs, seed, signal };
      for (const some of sideBySide(lambdas, weighting, batchSize * train.classCount)) {
        const networks = await trainJeiDnn({ ...shared, lambdas: some, learningRate, gateLearningRate, weightDecay });
        for (const [place, network] of networks.entries()) {
          const name = `jei-dnn λ=${some[place]} (${weighting})`;
          const policy = jeiDnnPolicy({ name, network, level: mostBits(space) });
          settings.push(policySetting(some[place], policy, space));
          inputs.onTraining?.(1 + settings.length);
        }
      }
      return { pays, trainings: 1 + lambdas.length, settings };
    },
  };
}

function warmUp(
  { train, validation, seed, signal }: RivalInputs,
  trainSamples: JeiDnnSamples,
  validationSamples: JeiDnnSamples,
  options: { batchSize: number; warmUpEpochs: number; learningRate: number; weightDecay: number },
) {
  const { warmUpEpochs: maxEpochs, ...rest } = options;
  return trainExitHeads({
    train: { ...splitOf(train), features: byExit(trainSamples) },
    validation: { ...splitOf(validation), features: byExit(validationSamples) },
    classCount: train.classCount,
    maxEpochs,
    ...rest,
    seed,
    ...(signal === undefined ? {} : { signal }),
  });
}

function splitOf<Role extends SplitRole>({ role, count, classCount, labels }: PathTable<Role>) {
  return { role, count, classCount, labels };
}

function byExit({ features }: JeiDnnSamples): readonly SampleRows[] {
  return features.widths.map((_, exit) => features.select([exit]));
}

/** Numbers of one value of a graph for all trainings that go side by side: some dozens of such values are there at once. */
const MOST_NUMBERS = 4_000_000;

/** λ whose trainings go side by side. @param numbers B·K, what one set of heads puts out for a batch at each exit */
function sideBySide(
  lambdas: readonly number[],
  weighting: HeadWeighting,
  numbers: number,
): readonly (readonly number[])[] {
  const most = weighting === "published" ? lambdas.length : Math.max(1, Math.floor(MOST_NUMBERS / numbers));
  return Array.from({ length: Math.ceil(lambdas.length / most) }, (_, g) => lambdas.slice(g * most, (g + 1) * most));
}

/** Its heads are as large as those they replace; a gate multiplies its statistics by as many weights. */
function paysGates({ exitCount }: PathSpace): Pays {
  return { heads: "every-exit", gateMacs: Array.from({ length: exitCount - 1 }, () => statisticCount) };
}
