import type { ExitHead } from "@quee/exit-heads";
import { type Graph, GraphBuilder } from "@quee/onnx-graph";

/** Names of the parameters of the heads of an exit, from 0. */
export function headNames(exit: number): { readonly weight: string; readonly bias: string } {
  return { weight: `weight_${exit}`, bias: `bias_${exit}` };
}

/**
 * S sets of heads that all begin as `heads` and learn from the same batches: `weight_l` [S, F, K], `bias_l` [S, 1, K].
 *
 * Inputs `features_l` [B, F] per exit, `targets` [B, K] one-hot, `importance` [S, B, G]. Output `loss`: the sum over sets of Σ_l
 * mean over the batch of importance·CE_l, over E exits. Sets share no parameter, so each learns as if it were alone. No gradient
 * goes through the importance.
 */
export function headsGraph(heads: readonly ExitHead[], sets: number): Graph {
  const builder = new GraphBuilder("jei-dnn-heads");
  const importance = builder.input("importance", [sets, "batch", heads.length]);
  const exits = writeExits(builder, heads, sets, "initializer");
  const likelihoods = builder.add("Concat", exits.likelihoods, { axis: 2 }); // [S, B, G]
  const perSample = builder.reduceSum(builder.times(importance, likelihoods), [2], false);
  const total = builder.reduceSum(builder.reduceMean(perSample, [1], false), [0], false);
  builder.output(builder.times(total, builder.scalar(-1 / (heads.length + 1)), "loss"), []);
  return builder.build();
}

/** By exit: ln p̂ [S, B, K], and ln p̂(label) [S, B, 1] */
export function writeExits(
  builder: GraphBuilder,
  heads: readonly ExitHead[],
  sets: number,
  as: "initializer" | "input",
) {
  const [, classCount] = heads[0].weight.shape;
  const targets = builder.input("targets", ["batch", classCount]);
  const parameter = (name: string, shape: readonly number[], ofOne: Float32Array) => {
    if (as === "input") return builder.input(name, shape);
    const data = new Float32Array(sets * ofOne.length);
    for (let s = 0; s < sets; s++) data.set(ofOne, s * ofOne.length);
    return builder.initializer(name, { dtype: "float32", dims: shape, data });
  };
  const logProbabilities = heads.map(({ weight, bias }, l) => {
    const features = builder.input(`features_${l}`, ["batch", weight.shape[0]]);
    const names = headNames(l);
    parameter(names.weight, [sets, ...weight.shape], weight.data);
    parameter(names.bias, [sets, 1, classCount], bias.data);
    const logits = builder.plus(builder.matMul(features, names.weight), names.bias);
    return builder.add("LogSoftmax", [logits], { axis: -1 });
  });
  const likelihoods = logProbabilities.map((logs) => builder.reduceSum(builder.times(targets, logs), [2], true));
  return { logProbabilities, likelihoods };
}
