import type { Graph } from "@quee/onnx-graph";

/** What {@link buildVit} and {@link buildT2tVit} call trainable tensors; constants of the architecture never end so. */
const TRAINABLE = /\.(weight|bias|embedding)$/;

/**
 * Names of the trainable initializers of a graph that this package built, in the order of the graph: not the scale factors,
 * unfolding kernels, random features of the performer or sinusoidal positions.
 */
export function parameterNames(graph: Graph): readonly string[] {
  return [...graph.initializers]
    .filter(([name, { dtype }]) => dtype === "float32" && TRAINABLE.test(name))
    .map(([name]) => name);
}
