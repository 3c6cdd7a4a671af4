import { QueeError } from "@quee/core";
import { fromTensor, type Graph, GraphBuilder } from "@quee/onnx-graph";
import type { BlockGraph } from "./cut-blocks.js";
import type { Head } from "./head.js";

/**
 * A block with its exit's classifier: `logits` [batch, K] = `exit_features`·W + b in place of the features, and the tokens for
 * the next block as before.
 */
export function attachHead(block: Pick<BlockGraph, "graph">, head: Head, { keepFeatures = false } = {}): Graph {
  const features = block.graph.outputs.find(({ name }) => name === "exit_features");
  const width = features?.shape?.[1];
  const [inputs, classCount] = head.weight.shape as [number, number];
  if (features === undefined || width !== inputs || head.bias.shape[0] !== classCount) {
    throw new QueeError({
      code: "E_HEAD_SHAPE",
      kind: "input",
      where: `head on ${block.graph.name}`,
      expected: `a weight [${width}, K] and a bias [K] on exit_features`,
      got: `[${head.weight.shape.join(", ")}] and [${head.bias.shape.join(", ")}]`,
    });
  }
  const builder = GraphBuilder.from(block.graph);
  builder.clearOutputs();
  for (const { name, shape, dtype } of block.graph.outputs) {
    if (name !== features.name || keepFeatures) builder.output(name, shape, dtype);
  }
  const weight = builder.initializer(builder.fresh("exit_head.weight"), fromTensor(head.weight));
  const bias = builder.initializer(builder.fresh("exit_head.bias"), fromTensor(head.bias));
  const product = builder.matMul(features.name, weight, builder.fresh("exit_head.product"));
  builder.output(builder.plus(product, bias, "logits"), ["batch", classCount]);
  return builder.build();
}
