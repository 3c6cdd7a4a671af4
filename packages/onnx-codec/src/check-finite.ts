import { QueeError } from "@quee/core";
import type { Constant, Graph } from "@quee/onnx-graph";

/**
 * Refuses weights that are NaN or infinite (QueeError, kind "numeric"): onnxruntime runs them and answers NaN. Looks at every
 * initializer and at tensors inside nodes and their sub-graphs.
 */
export function checkFinite(graph: Graph, options: { readonly file?: string | undefined } = {}): void {
  for (const [name, value] of graph.initializers) checkConstant(value, `initializer "${name}"`, options.file);
  for (const node of graph.nodes) {
    for (const [name, attribute] of node.attributes) {
      const where = `node "${node.name}" (${node.op}), attribute "${name}"`;
      if (attribute.kind === "tensor") checkConstant(attribute.value, where, options.file);
      if (attribute.kind === "graph") checkFinite(attribute.value, options);
    }
  }
}

function checkConstant(value: Constant, where: string, file: string | undefined): void {
  let count = 0;
  let first = -1;
  const infinite = notFinite(value);
  for (let i = 0; i < infinite.length; i++) {
    if (!infinite.at(i)) continue;
    if (count++ === 0) first = i;
  }
  if (count === 0) return;
  throw new QueeError({
    code: "E_TENSOR_NOT_FINITE",
    kind: "numeric",
    ...(file === undefined ? {} : { file }),
    where,
    expected: "finite numbers",
    got: `${count} of ${infinite.length} NaN or infinite, the first at ${first}`,
  });
}

/** A question per element: is it NaN or infinite? */
function notFinite({ dtype, data }: Constant): { readonly length: number; at(i: number): boolean } {
  if (data instanceof Float32Array || data instanceof Float64Array) {
    return { length: data.length, at: (i) => !Number.isFinite(data[i]) };
  }
  // All exponent bits set, as in every IEEE 754 format.
  const exponent = dtype === "float16" ? 0x7c00 : dtype === "bfloat16" ? 0x7f80 : 0;
  if (exponent === 0) return { length: 0, at: () => false };
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return { length: data.byteLength / 2, at: (i) => (view.getUint16(2 * i, true) & exponent) === exponent };
}
