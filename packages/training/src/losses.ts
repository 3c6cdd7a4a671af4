import type { GraphBuilder } from "@quee/onnx-graph";

export interface CrossEntropyOptions {
  /** ε: the target becomes (1 − ε)·target + ε/K. Szegedy et al. (arXiv 1512.00567), section 7. Default 0. */
  readonly labelSmoothing?: number;
  /** Name of the loss. Default `loss`. */
  readonly to?: string;
}

/**
 * −mean over the batch of Σₖ target·log softmax(logits), in nats; through LogSoftmax, so large logits do no harm.
 * @param logits  [B, K]
 * @param targets [B, K] float: one-hot, or probabilities that sum to 1
 * @returns the name of a scalar
 */
export function crossEntropy(
  builder: GraphBuilder,
  logits: string,
  targets: string,
  { labelSmoothing = 0, to = "loss" }: CrossEntropyOptions = {},
): string {
  const logProbabilities = builder.add("LogSoftmax", [logits], { axis: -1 });
  const ofTarget = builder.reduceSum(builder.times(targets, logProbabilities), [-1], false);
  const likelihood =
    labelSmoothing === 0
      ? ofTarget
      : builder.plus(
          builder.times(ofTarget, builder.scalar(1 - labelSmoothing)),
          builder.times(builder.reduceMean(logProbabilities, [-1], false), builder.scalar(labelSmoothing)),
        );
  return builder.add("Neg", [builder.add("ReduceMean", [likelihood], { keepdims: 0 })], {}, to);
}

/** Mean over all elements of (prediction − target)². @returns the name of a scalar */
export function meanSquaredError(
  builder: GraphBuilder,
  prediction: string,
  target: string,
  { to = "loss" }: { readonly to?: string } = {},
): string {
  const difference = builder.minus(prediction, target);
  return builder.add("ReduceMean", [builder.times(difference, difference)], { keepdims: 0 }, to);
}
