import type { Graph } from "@quee/onnx-graph";
import type { BlockEncodings } from "./encodings.js";

/** What a network takes on disk when the codes of its weights are packed, b bits each. In bytes. */
export interface PackedBytes {
  readonly codes: number;
  /** Steps of weights and activations, float32. */
  readonly scales: number;
  /** Everything that is not rounded: biases, norms, position embeddings, shapes. */
  readonly float: number;
  readonly total: number;
}

const FLOAT_BYTES = 4;

/**
 * Size of a graph with packed weights; without encodings, in float. Operators themselves are not counted.
 * @param part counts only what operators of these names read first, so that parts of a graph add up to the whole
 */
export function packedBytes(graph: Graph, encodings: BlockEncodings | null, part?: ReadonlySet<string>): PackedBytes {
  const siteOf = new Map(encodings?.sites.map((site) => [site.node, site]));
  const counted = new Set<string>();
  const isFirst = (key: string) => !counted.has(key) && counted.add(key) !== undefined;
  let [codes, scales, float] = [0, 0, 0];
  for (const node of graph.nodes) {
    const isPart = part === undefined || part.has(node.name);
    const site = siteOf.get(node.name);
    for (const [input, value] of node.inputs.entries()) {
      const stored = graph.initializers.get(value);
      const operand = site?.operands.find((one) => one.input === input);
      if (operand === undefined) {
        if (stored !== undefined && isFirst(value) && isPart) float += stored.data.byteLength;
        continue;
      }
      const bits = site?.bits ?? encodings?.bits ?? 0;
      // One value rounded in one way is stored once, whoever reads it.
      if (!isFirst(JSON.stringify([value, bits, operand.quantizer, operand.scales])) || !isPart) continue;
      scales += FLOAT_BYTES * operand.scales.length;
      if (stored !== undefined) codes += Math.ceil((stored.data.length * bits) / 8);
    }
  }
  return { codes, scales, float, total: codes + scales + float };
}
