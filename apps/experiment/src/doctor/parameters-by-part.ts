import type { Graph, Node } from "@quee/onnx-graph";
import { isUnfolding, type VitAnatomy } from "@quee/vit-blocks";

/** Numbers stored in float, by the part that reads them first. */
export interface ParametersByPart {
  readonly stem: number;
  /** One per layer. */
  readonly layers: readonly number[];
  /** The head, and the norm before it. */
  readonly head: number;
}

/** Single numbers (scales, epsilons) and kernels that only copy pixels are no parameters. */
export function parametersByPart(graph: Graph, anatomy: VitAnatomy): ParametersByPart {
  const layers = anatomy.layers.map(() => 0);
  const layerOf = new Map(anatomy.layers.flatMap(({ nodes }, i) => [...nodes].map((name) => [name, i] as const)));
  const counted = new Set<string>();
  let [stem, head, hasLeftStem] = [0, 0, false];
  for (const node of graph.nodes) {
    const numbers = storedNumbers(graph, node, counted);
    const layer = layerOf.get(node.name);
    if (layer !== undefined) {
      layers[layer] = (layers[layer] ?? 0) + numbers;
      hasLeftStem = true;
    } else if (hasLeftStem) head += numbers;
    else stem += numbers;
  }
  return { stem, layers, head };
}

function storedNumbers(graph: Graph, node: Node, counted: Set<string>): number {
  if (isUnfolding(graph, node)) return 0;
  let numbers = 0;
  for (const name of node.inputs) {
    const value = graph.initializers.get(name);
    if (value?.dtype !== "float32" || value.data.length === 1 || counted.has(name)) continue;
    counted.add(name);
    numbers += value.data.length;
  }
  return numbers;
}
