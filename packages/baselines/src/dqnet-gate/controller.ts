import type { Bits, Path } from "@quee/core";
import { type Random, type Tensor, zeros } from "@quee/tensor";
import { denseRows } from "../networks/dense-rows.js";

/** Linear(F → H) → ReLU → Linear(H → (E − 1)·B): a score for each bit-width of each block behind the first. */
export interface Controller {
  /** [F, H] */
  readonly hiddenWeight: Tensor;
  /** [H] */
  readonly hiddenBias: Tensor;
  /** [H, (E − 1)·B] */
  readonly scoreWeight: Tensor;
  /** [(E − 1)·B] */
  readonly scoreBias: Tensor;
}

export const controllerParameters = ["hiddenWeight", "hiddenBias", "scoreWeight", "scoreBias"] as const;

/** Weights and biases uniform in ±1/√fan-in, the usual start of a linear layer. */
export function initialController(size: ControllerSize, random: Random): Controller {
  const { features, hidden, scores } = size;
  const draw = (shape: readonly number[], fanIn: number): Tensor => {
    const values = zeros(shape);
    for (let i = 0; i < values.data.length; i++) values.data[i] = (2 * random.uniform() - 1) / Math.sqrt(fanIn);
    return values;
  };
  return {
    hiddenWeight: draw([features, hidden], features),
    hiddenBias: draw([hidden], features),
    scoreWeight: draw([hidden, scores], hidden),
    scoreBias: draw([scores], hidden),
  };
}

export interface ControllerSize {
  /** F */
  readonly features: number;
  /** H */
  readonly hidden: number;
  /** (E − 1)·B */
  readonly scores: number;
}

export function controllerMacs({ features, hidden, scores }: ControllerSize): number {
  return features * hidden + hidden * scores;
}

/**
 * 1 where a path takes a bit-width at a block: scores·selection sums what the controller says of each path. Softmax over paths
 * of that sum is Π_j softmax_j(b_j), renormalised where not every sequence of bits is a path.
 * @returns [(E − 1)·B, A]
 */
export function selectionOf(paths: readonly Path[], levels: readonly Bits[]): Tensor {
  const blocks = (paths[0]?.length ?? 1) - 1;
  const selection = zeros([blocks * levels.length, paths.length]);
  paths.forEach((path, p) => {
    for (let j = 0; j < blocks; j++) {
      selection.data[(j * levels.length + levels.indexOf(path[j + 1])) * paths.length + p] = 1;
    }
  });
  return selection;
}

/** Score of every path for every image. @param features [n, F] @param selection [(E − 1)·B, A] @returns [n, A] */
export function pathScores(controller: Controller, features: Tensor, selection: Tensor): Tensor {
  const hidden = denseRows(features, controller.hiddenWeight, controller.hiddenBias);
  for (let i = 0; i < hidden.data.length; i++) hidden.data[i] = Math.max(0, hidden.data[i]);
  const scores = denseRows(hidden, controller.scoreWeight, controller.scoreBias);
  return denseRows(scores, selection, zeros([selection.shape[1]]));
}
