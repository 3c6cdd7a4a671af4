import type { GraphBuilder } from "@quee/onnx-graph";

/**
 * Mean over all elements of −t·log σ(z) − (1 − t)·log(1 − σ(z)), in nats, as max(z, 0) − t·z + log(1 + exp(−|z|)): no power of
 * a large logit overflows.
 * @param logits z, any shape
 * @param targets t in [0, 1], like the logits: outcomes, or probabilities
 * @returns the name of a scalar
 */
export function binaryCrossEntropy(
  builder: GraphBuilder,
  logits: string,
  targets: string,
  { to = "loss" }: { readonly to?: string } = {},
): string {
  const size = builder.add("Abs", [logits]);
  const tail = builder.add("Exp", [builder.add("Neg", [size])]);
  const logarithm = builder.add("Log", [builder.plus(tail, builder.scalar(1))]);
  // Half of z + |z|: at z = 0, where networks may begin, its gradient is the half that σ(0) is; that of Relu is none.
  const positive = builder.times(builder.plus(logits, size), builder.scalar(0.5));
  const hinge = builder.minus(positive, builder.times(targets, logits));
  return builder.add("ReduceMean", [builder.plus(hinge, logarithm)], { keepdims: 0 }, to);
}
