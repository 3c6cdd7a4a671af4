import type { ExitHead } from "@quee/exit-heads";
import { fromTensor, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { zeros } from "@quee/tensor";
import { statisticCount } from "../gate-statistics.js";

/** Names of the parameters of a head, from 0. */
export function headNames(exit: number): { readonly weight: string; readonly bias: string } {
  return { weight: `weight_${exit}`, bias: `bias_${exit}` };
}

/**
 * Inputs `features_l` [B, F] per exit, `targets` [B, K] one-hot, `importance` [B, G]. Outputs `logits_l` [B, K] and `loss` =
 * Σ_l mean over the batch of importance·CE_l, over E exits. No gradient goes through the importance.
 */
export function headsGraph(heads: readonly ExitHead[]): Graph {
  const builder = new GraphBuilder("jei-dnn-heads");
  const classCount = heads[0].weight.shape[1];
  const targets = builder.input("targets", ["batch", classCount]);
  const importance = builder.input("importance", ["batch", heads.length]);
  const losses = heads.map(({ weight, bias }, l) => {
    const features = builder.input(`features_${l}`, ["batch", weight.shape[0]]);
    const names = headNames(l);
    builder.initializer(names.weight, fromTensor(weight));
    builder.initializer(names.bias, fromTensor(bias));
    const logits = builder.plus(builder.matMul(features, names.weight), names.bias, `logits_${l}`);
    builder.output(logits, ["batch", classCount]);
    return builder.reduceSum(builder.times(targets, builder.add("LogSoftmax", [logits], { axis: -1 })), [-1], true);
  });
  const likelihoods = builder.add("Concat", losses, { axis: 1 }); // [B, G]
  const perSample = builder.reduceSum(builder.times(importance, likelihoods), [-1], false);
  const mean = builder.add("ReduceMean", [perSample], { keepdims: 0 });
  builder.output(builder.times(mean, builder.scalar(-1 / (heads.length + 1)), "loss"), []);
  return builder.build();
}

/**
 * Inputs `statistics` [B, G, 4], `leaves` [B, G] in {0, 1}, `positive_weight` [G]. Output `loss`: mean over batch and gates of
 * the binary cross-entropy on logits, its positive terms times their weight. Parameters `gate_weight` [G, 4], `gate_bias` [G].
 */
export function gatesGraph(gateCount: number): Graph {
  const builder = new GraphBuilder("jei-dnn-gates");
  const statistics = builder.input("statistics", ["batch", gateCount, statisticCount]);
  const leaves = builder.input("leaves", ["batch", gateCount]);
  const positiveWeight = builder.input("positive_weight", [gateCount]);
  builder.initializer("gate_weight", fromTensor(zeros([gateCount, statisticCount])));
  builder.initializer("gate_bias", fromTensor(zeros([gateCount])));
  const logits = builder.plus(builder.reduceSum(builder.times(statistics, "gate_weight"), [-1], false), "gate_bias");
  // −log σ(−z) = max(z, 0) + log(1 + exp(−|z|)), and −log σ(z) is that less z.
  const tail = builder.add("Exp", [builder.add("Neg", [builder.add("Abs", [logits])])]);
  const staying = builder.plus(
    builder.add("Relu", [logits]),
    builder.add("Log", [builder.plus(tail, builder.scalar(1))]),
  );
  const leaving = builder.times(builder.minus(staying, logits), positiveWeight);
  const stays = builder.minus(builder.scalar(1), leaves);
  const loss = builder.plus(builder.times(leaves, leaving), builder.times(stays, staying));
  builder.output(builder.add("ReduceMean", [loss], { keepdims: 0 }, "loss"), []);
  return builder.build();
}
