import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { statisticCount } from "../gate-statistics.js";

/**
 * Gates of S trainings. Inputs `statistics` [S or 1, B, G, 4], `leaves` [S, B, G] in {0, 1}, `positive_weight` [S, 1, G]. Output
 * `loss`: the sum over trainings of the mean over batch and gates of the binary cross-entropy on logits, its positive terms times
 * their weight. Parameters `gate_weight` [S, 1, G, 4], `gate_bias` [S, 1, G], from zero.
 */
export function gatesGraph(gateCount: number, sets: number): Graph {
  const builder = new GraphBuilder("jei-dnn-gates");
  const statistics = builder.input("statistics", ["sets of heads", "batch", gateCount, statisticCount]);
  const leaves = builder.input("leaves", [sets, "batch", gateCount]);
  const positiveWeight = builder.input("positive_weight", [sets, 1, gateCount]);
  const parameter = (name: string, dims: readonly number[]) =>
    builder.initializer(name, { dtype: "float32", dims, data: new Float32Array(dims.reduce((n, dim) => n * dim, 1)) });
  const weight = parameter("gate_weight", [sets, 1, gateCount, statisticCount]);
  const bias = parameter("gate_bias", [sets, 1, gateCount]);
  const logits = builder.plus(builder.reduceSum(builder.times(statistics, weight), [3], false), bias);
  // −ln σ(−z) = max(z, 0) + ln(1 + exp(−|z|)), and −ln σ(z) is that less z. Half of z + |z| has its gradient at z = 0 too, where
  // gates begin.
  const size = builder.add("Abs", [logits]);
  const tail = builder.add("Exp", [builder.add("Neg", [size])]);
  const positive = builder.times(builder.plus(logits, size), builder.scalar(0.5));
  const staying = builder.plus(positive, builder.add("Log", [builder.plus(tail, builder.scalar(1))]));
  const leaving = builder.times(builder.minus(staying, logits), positiveWeight);
  const stays = builder.minus(builder.scalar(1), leaves);
  const loss = builder.plus(builder.times(leaves, leaving), builder.times(stays, staying));
  builder.output(builder.reduceSum(builder.reduceMean(loss, [1, 2], false), [0], false, "loss"), []);
  return builder.build();
}
