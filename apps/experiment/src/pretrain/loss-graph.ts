import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { crossEntropy } from "@quee/training";

/** A network (`logits` [B, K]) that puts out its cross-entropy against `targets` [B, K] instead, as `loss`. */
export function lossGraph(network: Graph, classCount: number, labelSmoothing: number): Graph {
  const builder = GraphBuilder.from(network);
  builder.clearOutputs();
  const targets = builder.input("targets", ["batch", classCount]);
  builder.output(crossEntropy(builder, "logits", targets, { labelSmoothing }), []);
  return builder.build();
}
