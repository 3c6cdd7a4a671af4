import { fromTensor, type Graph, GraphBuilder } from "@quee/onnx-graph";
import type { Tensor } from "@quee/tensor";
import { type TwoLayers, writeTwoLayers } from "../networks/two-layers.js";

export interface ObjectiveOptions {
  readonly controller: TwoLayers;
  /** [(E − 1)·B, A], see `selectionOf` */
  readonly selection: Tensor;
  /** Mean bits of the blocks behind the first on each path, [A] */
  readonly pathBits: Float32Array;
  /** α: weight of the bit term. */
  readonly alpha: number;
  /** t: mean bits from which the bit term pays. */
  readonly targetBits: number;
}

/**
 * mean_x Σ_π q(π | x)·CE_π(x) + α·max(0, mean_x E_q[bits] − t), summed over all paths exactly: what DQNet (Liu et al., CVPR 2022)
 * gets by drawing one path per image with Gumbel noise has this expectation; only its straight-through gradient is not exact.
 *
 * Inputs `features` [B, F], `crossEntropy` [B, A] in nats, `kept` [B, H]: 0 or 1/(1 − dropout). Outputs `loss`, `choice` [B, A] = q.
 */
export function objectiveGraph(options: ObjectiveOptions): Graph {
  const { controller, selection, pathBits, alpha, targetBits } = options;
  const builder = new GraphBuilder("dqnet-gate");
  const [featureCount, hiddenCount] = controller.hiddenWeight.shape;
  const pathCount = selection.shape[1];
  const features = builder.input("features", ["batch", featureCount]);
  const crossEntropy = builder.input("crossEntropy", ["batch", pathCount]);
  const kept = builder.input("kept", ["batch", hiddenCount]);
  const scores = writeTwoLayers(builder, controller, features, kept);
  const ofPaths = builder.matMul(scores, builder.initializer("selection", fromTensor(selection)));
  const choice = builder.softmax(ofPaths, -1, "choice");
  const expected = builder.reduceSum(builder.times(choice, crossEntropy), [-1], false);
  const accuracyTerm = builder.add("ReduceMean", [expected], { keepdims: 0 });
  const bits = builder.tensor("bits", [pathCount, 1], pathBits);
  const meanBits = builder.add("ReduceMean", [builder.matMul(choice, bits)], { keepdims: 0 });
  const excess = builder.add("Relu", [builder.minus(meanBits, builder.scalar(targetBits))]);
  builder.output(builder.plus(accuracyTerm, builder.times(excess, builder.scalar(alpha)), "loss"), []);
  builder.output(choice, ["batch", pathCount]);
  return builder.build();
}
