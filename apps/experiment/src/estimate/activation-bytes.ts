import { type Graph, inferShapes } from "@quee/onnx-graph";

const float32Bytes = 4;

/**
 * The most bytes that values of a graph take at a time for one image, when each is given up after its last use: what a session's arena
 * grows to, per image of a batch. Weights are not counted.
 */
export function activationBytes(graph: Graph): number {
  const values = inferShapes(graph);
  // Symbolic dimensions are the batch: one.
  const bytesOf = (name: string) =>
    (values.get(name)?.shape ?? []).reduce<number>(
      (size, dim) => size * (typeof dim === "number" ? dim : 1),
      float32Bytes,
    );
  const lastUse = new Map<string, number>();
  for (const [at, { inputs }] of graph.nodes.entries()) for (const name of inputs) lastUse.set(name, at);
  let live = graph.inputs.reduce((sum, { name }) => sum + bytesOf(name), 0);
  let most = live;
  for (const [at, { inputs, outputs }] of graph.nodes.entries()) {
    for (const name of outputs) if (name !== "") live += bytesOf(name);
    most = Math.max(most, live);
    for (const name of new Set(inputs)) {
      if (lastUse.get(name) === at && !graph.initializers.has(name)) live -= bytesOf(name);
    }
  }
  return most;
}
