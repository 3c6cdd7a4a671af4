import type { Node } from "@quee/onnx-graph";
import type { GraphIndex } from "./graph-index.js";

/** A norm over the last axis as it stands in the graph. */
export interface NormReading {
  readonly input: string;
  readonly nodes: readonly Node[];
}

/**
 * The norm that makes a value: a LayerNormalization, or the factor and shift per channel that cleaning leaves of a
 * BatchNormalization. null where there is none.
 */
export function normAt(index: GraphIndex, value: string): NormReading | null {
  const node = index.producer(value);
  if (node?.op === "LayerNormalization") return { input: node.inputs[0] as string, nodes: [node] };
  const scaled = node?.op === "Add" ? besideRow(index, node) : null;
  const scaling = scaled === null ? undefined : index.producer(scaled);
  const input = scaling?.op === "Mul" ? besideRow(index, scaling) : null;
  return input === null ? null : { input, nodes: [scaling as Node, node as Node] };
}

/** The operand beside a trained row of the last axis. */
function besideRow(index: GraphIndex, { inputs, outputs }: Node): string | null {
  const width = index.shape(outputs[0] as string)?.at(-1);
  const isRow = (name: string) => {
    const row = index.constant(name);
    return row !== undefined && row.data.length === width && row.dims.at(-1) === width && row.data.length > 1;
  };
  const [row, ...others] = inputs.filter(isRow);
  if (row === undefined || others.length > 0) return null;
  return inputs.find((name) => name !== row) ?? null;
}
