import type { Graph, Node } from "@quee/onnx-graph";

type Consumers = ReadonlyMap<string, readonly Node[]>;

/** The Add of a constant row behind a product. */
export function biasBehind(graph: Graph, product: Node, width: number, consumers: Consumers) {
  const fused = onlyReader(graph, product, consumers);
  if (fused?.op !== "Add") return null;
  const [bias, ...none] = fused.inputs.filter((name) => name !== product.outputs[0]);
  return none.length === 0 && isRow(graph, bias, width) ? { bias, fused } : null;
}

/** The Mul or Div by a constant number behind a product. */
export function factorBehind(graph: Graph, product: Node, consumers: Consumers) {
  const fused = onlyReader(graph, product, consumers);
  const other = fused?.inputs.findIndex((name) => name !== product.outputs[0]) ?? -1;
  const value = graph.initializers.get(fused?.inputs[other] ?? "");
  if (fused === null || value?.dtype !== "float32" || value.dims.length > 0) return null;
  const number = Number(value.data[0]);
  if (fused.op === "Mul") return { factor: number, fused };
  return fused.op === "Div" && other === 1 ? { factor: 1 / number, fused } : null;
}

function onlyReader(graph: Graph, { outputs: [value] }: Node, consumers: Consumers) {
  const [reader, ...others] = consumers.get(value) ?? [];
  const isOutput = graph.outputs.some(({ name }) => name === value);
  return reader === undefined || others.length > 0 || isOutput ? null : reader;
}

/** A float constant [width]. */
export function isRow(graph: Graph, name: string, width: number): boolean {
  const value = graph.initializers.get(name);
  return value?.dtype === "float32" && value.dims.length === 1 && value.dims[0] === width;
}
