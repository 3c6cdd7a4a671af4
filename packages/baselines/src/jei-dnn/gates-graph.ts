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
  // ln σ(z) and ln σ(−z) by one softmax: unlike max(z, 0) + ln(1 + exp(−|z|)) it has its gradient at z = 0 too, where gates begin.
  const signs = builder.tensor("signs", [2], Float32Array.of(0.5, -0.5));
  const pairs = builder.times(builder.reshape(logits, [0, 0, 0, 1]), signs);
  const likelihoods = builder.add("LogSoftmax", [pairs], { axis: -1 });
  const [leaving, staying] = [0, 1].map((side) =>
    builder.reshape(builder.slice(likelihoods, 3, side, side + 1), [0, 0, 0]),
  );
  const stays = builder.minus(builder.scalar(1), leaves);
  const weighted = builder.times(builder.times(leaves, positiveWeight), leaving);
  const loss = builder.add("Neg", [builder.plus(weighted, builder.times(stays, staying))]);
  builder.output(builder.reduceSum(builder.reduceMean(loss, [1, 2], false), [0], false, "loss"), []);
  return builder.build();
}
