import type { Bits, Path } from "@quee/core";
import { type Tensor, zeros } from "@quee/tensor";
import { denseRows } from "../networks/dense-rows.js";
import { applyTwoLayers, type TwoLayers } from "../networks/two-layers.js";

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

/**
 * Score of every path for every image. The controller gives one for each bit-width of each block behind the first.
 * @param features [n, F] @param selection [(E − 1)·B, A] @returns [n, A]
 */
export function pathScores(controller: TwoLayers, features: Tensor, selection: Tensor): Tensor {
  return denseRows(applyTwoLayers(controller, features), selection, zeros([selection.shape[1]]));
}
