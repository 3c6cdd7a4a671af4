import type { Bits } from "@quee/core";
import { consumersOf, type Graph, type Node } from "@quee/onnx-graph";
import type { BlockEncodings, OperandEncoding, SiteEncoding } from "../encodings.js";
import { stale } from "../fake-quantize-graph.js";

/** An activation times a constant matrix, in integers; the bias is that of the Add behind it. */
export interface LinearReading {
  readonly kind: "linear";
  readonly node: Node;
  readonly bits: Bits;
  readonly activation: OperandEncoding;
  readonly weight: OperandEncoding;
  /** The matrix is stored [to, from]. */
  readonly isTransposed: boolean;
  readonly bias: string | null;
  /** Name of the Add that the product takes over. */
  readonly add: string | null;
  /** Where the result goes, the bias included. */
  readonly output: string;
}

/** Two activations. The operands that are listed are codes; of two the product is one of integers. */
export interface ProductReading {
  readonly kind: "product";
  readonly node: Node;
  readonly bits: Bits;
  readonly operands: readonly OperandEncoding[];
}

export interface SiteReadings {
  /** By name of the MatMul or Gemm. */
  readonly byNode: ReadonlyMap<string, LinearReading | ProductReading>;
  /** Names of the Adds whose bias went into the product before them. */
  readonly fusedAdds: ReadonlySet<string>;
  /** Operands that stay in float: twin ranges behind a softmax, kernels of convolutions. */
  readonly floating: BlockEncodings;
}

/** Sorts the sites of a graph by how integers can compute them. @throws QueeError where the encodings belong to another graph */
export function readSites(graph: Graph, encodings: BlockEncodings): SiteReadings {
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const consumers = consumersOf(graph);
  const byNode = new Map<string, LinearReading | ProductReading>();
  const fusedAdds = new Set<string>();
  const floating: SiteEncoding[] = [];
  for (const site of encodings.sites) {
    const node = nodes.get(site.node);
    if (node === undefined) throw stale(site.node);
    for (const operand of site.operands) {
      if (node.inputs[operand.input] !== operand.value) throw stale(site.node, operand, node.inputs[operand.input]);
    }
    const bits = site.bits ?? encodings.bits;
    const reading = linearOf(graph, node, site, bits, consumers) ?? productOf(graph, node, site, bits);
    if (reading === null) {
      floating.push(site);
      continue;
    }
    byNode.set(node.name, reading);
    if (reading.kind === "linear" && reading.add !== null) fusedAdds.add(reading.add);
    const rest = reading.kind === "linear" ? [] : site.operands.filter((one) => !reading.operands.includes(one));
    if (rest.length > 0) floating.push({ ...site, operands: rest });
  }
  return { byNode, fusedAdds, floating: { ...encodings, sites: floating } };
}

function linearOf(
  graph: Graph,
  node: Node,
  site: SiteEncoding,
  bits: Bits,
  consumers: ReadonlyMap<string, readonly Node[]>,
): LinearReading | null {
  const activation = site.operands.find(({ input }) => input === 0);
  const weight = site.operands.find(({ input }) => input === 1);
  const dims = graph.initializers.get(weight?.value ?? "")?.dims;
  if (activation === undefined || weight === undefined || dims?.length !== 2) return null;
  if (activation.axis !== null || !["uniform", "post-gelu"].includes(activation.quantizer ?? "uniform")) return null;
  const isTransposed = node.op === "Gemm" && numberOf(node, "transB", 0) === 1;
  const isPlain = node.op === "MatMul" || (node.op === "Gemm" && isPlainGemm(graph, node));
  const outputAxis = isTransposed ? 0 : 1;
  const isPerOutput = weight.axis === null || (weight.axis + 2) % 2 === outputAxis;
  if (!isPlain || !isPerOutput || (weight.quantizer ?? "uniform") !== "uniform") return null;
  const behind = node.op === "MatMul" ? biasBehind(graph, node, dims[outputAxis], consumers) : null;
  const bias = behind?.bias ?? (node.inputs[2] || null);
  return {
    kind: "linear",
    node,
    bits,
    activation,
    weight,
    isTransposed,
    bias,
    add: behind?.add ?? null,
    output: behind?.output ?? node.outputs[0],
  };
}

/** The Add of a constant row behind a product that nobody else reads. */
function biasBehind(
  graph: Graph,
  { outputs: [product] }: Node,
  width: number,
  consumers: ReadonlyMap<string, readonly Node[]>,
) {
  const [add, ...others] = consumers.get(product) ?? [];
  if (add?.op !== "Add" || others.length > 0 || graph.outputs.some(({ name }) => name === product)) return null;
  const [bias, ...none] = add.inputs.filter((name) => name !== product);
  return none.length === 0 && isRow(graph, bias, width) ? { bias, add: add.name, output: add.outputs[0] } : null;
}

function isPlainGemm(graph: Graph, node: Node): boolean {
  const [, weight, bias] = node.inputs;
  const width = graph.initializers.get(weight)?.dims[numberOf(node, "transB", 0) === 1 ? 0 : 1] as number;
  const isScaled = numberOf(node, "alpha", 1) !== 1 || numberOf(node, "beta", 1) !== 1;
  return !isScaled && numberOf(node, "transA", 0) === 0 && ((bias ?? "") === "" || isRow(graph, bias, width));
}

function isRow(graph: Graph, name: string, width: number): boolean {
  const value = graph.initializers.get(name);
  return value?.dtype === "float32" && value.dims.length === 1 && value.dims[0] === width;
}

function numberOf(node: Node, attribute: string, otherwise: number): number {
  const value = node.attributes.get(attribute)?.value;
  return typeof value === "number" ? value : otherwise;
}

function productOf(graph: Graph, node: Node, site: SiteEncoding, bits: Bits): ProductReading | null {
  const isActivation = ({ value }: OperandEncoding) => !graph.initializers.has(value);
  if (node.op !== "MatMul" || !site.operands.every(isActivation)) return null;
  // A step may change from head to head; one that changed within a sum of products could not be taken out of it.
  const isOutside = (axis: number | null) => axis === null || axis < -2;
  const operands = site.operands.filter(
    ({ quantizer, axis }) => (quantizer ?? "uniform") === "uniform" && isOutside(axis),
  );
  return operands.length === 0 ? null : { kind: "product", node, bits, operands };
}
