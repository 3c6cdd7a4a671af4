import type { Graph } from "@quee/onnx-graph";

/**
 * The graph with some initializers as inputs of the same names: one session then evaluates every state of a training.
 */
export function parametersAsInputs(graph: Graph, names: readonly string[]): Graph {
  const initializers = new Map(graph.initializers);
  const inputs = names.flatMap((name) => {
    const value = initializers.get(name);
    initializers.delete(name);
    return value === undefined ? [] : [{ name, dtype: value.dtype, shape: value.dims }];
  });
  return { ...graph, inputs: [...graph.inputs, ...inputs], initializers };
}
