import type { GradientWriter, Shape } from "./gradient-writer.js";
import type { DifferentiableOp, NodeOf } from "./operators.js";

/**
 * The gradient of one input: a value in the shape of the input; or one in the shape that the input was broadcast to, which the
 * walker sums back; or null where there is none (indices, shapes).
 */
export type Gradient = string | { readonly value: string; readonly broadcastTo: Shape } | null;

/**
 * Writes the gradients of a node's inputs, in order, given that of its first output. `dOutputs` are those of all outputs, null
 * where the loss does not depend on one. Rules write what is not needed too: the walker drops dead nodes.
 */
export type VjpRule<Op extends DifferentiableOp> = (
  g: GradientWriter,
  node: NodeOf<Op>,
  dY: string,
  dOutputs: readonly (string | null)[],
) => readonly Gradient[];

/** A rule whose gradients come in the shape of the output, as those of broadcasting operators do. */
export function broadcasting<Op extends DifferentiableOp>(
  rule: (g: GradientWriter, node: NodeOf<Op>, dY: string) => readonly (string | null)[],
): VjpRule<Op> {
  return (g, node, dY) => {
    const broadcastTo = g.shapeOf(node.outputs[0]);
    return rule(g, node, dY).map((value) => (value === null ? null : { value, broadcastTo }));
  };
}
