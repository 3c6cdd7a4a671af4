import { QueeError } from "@quee/core";
import { constant, type Graph, GraphBuilder, renameValues, scalar } from "@quee/onnx-graph";

/**
 * A block with its head, in float or quantized, whose `logits` are scale·z + bias of those that it gave: two operators in float32 behind
 * whatever computes them.
 * @param bias [K]
 */
export function scaleAndShiftLogits(
  graph: Graph,
  { scale, bias }: { readonly scale: number; readonly bias: Float32Array },
): Graph {
  const logits = graph.outputs.find(({ name }) => name === "logits");
  const classCount = logits?.shape?.at(-1);
  if (logits === undefined || (typeof classCount === "number" && classCount !== bias.length)) {
    throw new QueeError({
      code: "E_HEAD_SHAPE",
      kind: "input",
      where: `logits of ${graph.name}`,
      expected: `an output [batch, ${bias.length}], as many classes as biases`,
      got: logits === undefined ? "no logits" : `[${logits.shape?.join(", ")}]`,
    });
  }
  const given = GraphBuilder.from(graph).fresh("given_logits");
  const builder = GraphBuilder.from(renameValues(graph, new Map([["logits", given]])));
  const factor = builder.initializer(builder.fresh("logit_scale"), scalar(scale));
  const shift = builder.initializer(builder.fresh("logit_bias"), constant([bias.length], bias));
  const scaled = builder.times(given, factor, builder.fresh("scaled_logits"));
  // The operator of the head may be called after the output that was its own.
  const name = `${scaled}_shifted`;
  builder.node({ name, op: "Add", domain: "", inputs: [scaled, shift], outputs: ["logits"], attributes: new Map() });
  return { ...builder.build(), outputs: graph.outputs };
}
