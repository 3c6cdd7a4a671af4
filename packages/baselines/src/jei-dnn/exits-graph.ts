import type { ExitHead } from "@quee/exit-heads";
import { codeOfDType, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { statisticCount } from "../gate-statistics.js";
import { writeExits } from "./heads-graph.js";

/**
 * What the same sets of heads say; parameters are inputs, so one session sees every state of a training. Outputs `statistics`
 * [S, B, G, 4] as of `gateStatistics`, `crossEntropy` [S, B, G] in nats, `answers` [S, B, G].
 */
export function exitsGraph(heads: readonly ExitHead[], sets: number): Graph {
  const builder = new GraphBuilder("jei-dnn-exits");
  const exits = writeExits(builder, heads, sets, "input");
  const gateCount = heads.length;
  const concat = (values: readonly string[], axis: number, to?: string) => builder.add("Concat", values, { axis }, to);
  const answers = exits.logProbabilities.map((logs) => builder.add("ArgMax", [logs], { axis: 2, keepdims: 1 }));
  const ofExits = exits.logProbabilities.map((logs, l) =>
    builder.reshape(writeStatistics(builder, logs, answers[l], heads[l]), [0, 0, 1, statisticCount]),
  );
  concat(ofExits, 2, "statistics");
  builder.add("Neg", [concat(exits.likelihoods, 2)], {}, "crossEntropy");
  builder.add("Cast", [concat(answers, 2)], { to: codeOfDType("int32") }, "answers");
  builder.output("statistics", [sets, "batch", gateCount, statisticCount]);
  builder.output("crossEntropy", [sets, "batch", gateCount]);
  builder.output("answers", [sets, "batch", gateCount], "int32");
  return builder.build();
}

/**
 * @param logs ln p̂ [S, B, K] @param answer class of the largest, [S, B, 1]
 * @returns [S, B, 4] in the order of `gateStatistics`
 */
function writeStatistics(builder: GraphBuilder, logs: string, answer: string, { weight }: ExitHead): string {
  const classCount = weight.shape[1];
  const p = builder.add("Exp", [logs]);
  const largest = (of: string) => builder.add("ReduceMax", [of], { axes: [2], keepdims: 1 });
  const first = largest(p);
  // The second largest is the largest once the first is out of the way; TopK takes a quarter of the whole run.
  const others = builder.add("ScatterElements", [p, answer, builder.add("Neg", [first])], { axis: 2 });
  const margin = classCount === 1 ? first : builder.minus(first, largest(others));
  const certainty = (negativeEntropy: string) =>
    builder.plus(
      builder.times(negativeEntropy, builder.scalar(classCount === 1 ? 0 : 1 / Math.log(classCount))),
      builder.scalar(1),
    );
  const negativeEntropy = builder.reduceSum(builder.times(p, logs), [2], true);
  // q = p²/Σp²  ⇒  Σ q·ln q = 2·Σ p²·ln p / Σp² − ln Σp²
  const squares = builder.times(p, p);
  const sum = builder.reduceSum(squares, [2], true);
  const weighted = builder.over(builder.reduceSum(builder.times(squares, logs), [2], true), sum);
  const sharpened = builder.minus(builder.plus(weighted, weighted), builder.add("Log", [sum]));
  return builder.add("Concat", [first, certainty(negativeEntropy), margin, certainty(sharpened)], { axis: 2 });
}
