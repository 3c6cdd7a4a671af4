import { fromTensor, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { crossEntropy } from "@quee/training";
import type { ExitHead } from "./exit-head.js";

/** Names of the trained initializers. */
export const headParameters = ["weight", "bias"] as const;

/** Inputs `features` [B, D] and `targets` [B, K] one-hot; output `loss` = scale · cross-entropy, in nats. */
export function headLossGraph({ weight, bias }: ExitHead, scale: number): Graph {
  const [width, classCount] = weight.shape;
  const builder = new GraphBuilder("exit-head-loss");
  const features = builder.input("features", ["batch", width]);
  const targets = builder.input("targets", ["batch", classCount]);
  builder.initializer("weight", fromTensor(weight));
  builder.initializer("bias", fromTensor(bias));
  const logits = builder.plus(builder.matMul(features, "weight"), "bias");
  const loss = crossEntropy(builder, logits, targets, { to: "cross_entropy" });
  builder.output(builder.times(loss, builder.scalar(scale), "loss"), []);
  return builder.build();
}

/** Inputs `features` [B, D], `weight` and `bias`; output `logits` [B, K]. One session serves every epoch. */
export function headLogitsGraph(width: number, classCount: number): Graph {
  const builder = new GraphBuilder("exit-head");
  const features = builder.input("features", ["batch", width]);
  const weight = builder.input("weight", [width, classCount]);
  const bias = builder.input("bias", [classCount]);
  builder.output(builder.plus(builder.matMul(features, weight), bias, "logits"), ["batch", classCount]);
  return builder.build();
}
