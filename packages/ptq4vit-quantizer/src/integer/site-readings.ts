import type { Bits } from "@quee/core";
import { consumersOf, type Graph, type Node } from "@quee/onnx-graph";
import type { BlockEncodings, OperandEncoding, SiteEncoding } from "../encodings.js";
import { stale } from "../fake-quantize-graph.js";
import { biasBehind, factorBehind, isRow } from "./fused-operators.js";

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
  /** The Add or Mul behind it that the product takes over. */
  readonly fused: Node | null;
  /** Where the result goes. */
  readonly output: string;
}

/** Two activations. The operands that are listed are codes; of two the product is one of integers. */
export interface ProductReading {
  readonly kind: "product";
  readonly node: Node;
  readonly bits: Bits;
  readonly operands: readonly OperandEncoding[];
  /** What scores are multiplied by. */
  readonly factor: number;
  readonly fused: Node | null;
  readonly output: string;
}

export interface SiteReadings {
  /** By name of the MatMul or Gemm. */
  readonly byNode: ReadonlyMap<string, LinearReading | ProductReading>;
  /** Names of the operators that went into the product before them. */
  readonly fused: ReadonlySet<string>;
  /** Operands that stay in float: twin ranges behind a softmax, kernels of convolutions. */
  readonly floating: BlockEncodings;
}

/** Sorts the sites of a graph by how integers can compute them. @throws QueeError where the encodings belong to another graph */
export function readSites(graph: Graph, encodings: BlockEncodings): SiteReadings {
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const consumers = consumersOf(graph);
  const byNode = new Map<string, LinearReading | ProductReading>();
  const fused = new Set<string>();
  const floating: SiteEncoding[] = [];
  for (const site of encodings.sites) {
    const node = nodes.get(site.node);
    if (node === undefined) throw stale(site.node);
    for (const operand of site.operands) {
      if (node.inputs[operand.input] !== operand.value) throw stale(site.node, operand, node.inputs[operand.input]);
    }
    const bits = site.bits ?? encodings.bits;
    const reading = linearOf(graph, node, site, bits, consumers) ?? productOf(graph, node, site, bits, consumers);
    if (reading === null) {
      floating.push(site);
      continue;
    }
    byNode.set(node.name, reading);
    if (reading.fused !== null) fused.add(reading.fused.name);
    const rest = reading.kind === "linear" ? [] : site.operands.filter((one) => !reading.operands.includes(one));
    if (rest.length > 0) floating.push({ ...site, operands: rest });
  }
  return { byNode, fused, floating: { ...encodings, sites: floating } };
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
    fused: behind?.fused ?? null,
    output: (behind?.fused ?? node).outputs[0],
  };
}

function isPlainGemm(graph: Graph, node: Node): boolean {
  const [, weight, bias] = node.inputs;
  const width = graph.initializers.get(weight)?.dims[numberOf(node, "transB", 0) === 1 ? 0 : 1] as number;
  const isScaled = numberOf(node, "alpha", 1) !== 1 || numberOf(node, "beta", 1) !== 1;
  return !isScaled && numberOf(node, "transA", 0) === 0 && ((bias ?? "") === "" || isRow(graph, bias, width));
}

function numberOf(node: Node, attribute: string, otherwise: number): number {
  const value = node.attributes.get(attribute)?.value;
  return typeof value === "number" ? value : otherwise;
}

function productOf(
  graph: Graph,
  node: Node,
  site: SiteEncoding,
  bits: Bits,
  consumers: ReadonlyMap<string, readonly Node[]>,
): ProductReading | null {
  const isActivation = ({ value }: OperandEncoding) => !graph.initializers.has(value);
  if (node.op !== "MatMul" || !site.operands.every(isActivation)) return null;
  // A step may change from head to head; one that changed within a sum of products could not be taken out of it.
  const isOutside = (axis: number | null) => axis === null || axis < -2;
  const operands = site.operands.filter(
    ({ quantizer, axis }) => (quantizer ?? "uniform") === "uniform" && isOutside(axis),
  );
  if (operands.length === 0) return null;
  const behind = operands.length === 2 ? factorBehind(graph, node, consumers) : null;
  const { factor, fused } = behind ?? { factor: 1, fused: null };
  return { kind: "product", node, bits, operands, factor, fused, output: (fused ?? node).outputs[0] };
}
