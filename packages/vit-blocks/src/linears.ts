import type { Constant, Node } from "@quee/onnx-graph";
import { floatAttribute, type GraphIndex, intAttribute } from "./graph-index.js";

/** A product with a trained matrix, and the bias behind it. */
export interface Linear {
  readonly node: Node;
  /** The value that is multiplied. */
  readonly input: string;
  /** Initializer. */
  readonly weight: string;
  /** `in-out`: [from, to], as MatMul has it; `out-in`: [to, from], as Gemm with transB. */
  readonly layout: "in-out" | "out-in";
  readonly from: number;
  readonly to: number;
  /** Initializer [to], or null. */
  readonly bias: string | null;
  /** The Add that brings the bias; null where the node itself does or there is none. */
  readonly biasNode: Node | null;
  /** Value behind the bias. */
  readonly output: string;
}

/** The linear layer whose product is `node`, or null. */
export function linearAt(index: GraphIndex, node: Node): Linear | null {
  if (node.domain !== "") return null;
  const [input, weight] = node.inputs;
  if (input === undefined || weight === undefined || index.constant(input) !== undefined) return null;
  const dims = index.graph.initializers.get(weight)?.dims;
  if (dims === undefined || dims.length !== 2) return null;
  const [rows, columns] = dims as [number, number];
  if (node.op === "MatMul") return withBias(index, { node, input, weight, layout: "in-out", from: rows, to: columns });
  if (node.op !== "Gemm" || !isPlainGemm(node)) return null;
  const transposed = intAttribute(node, "transB", 0) === 1;
  const [from, to] = transposed ? [columns, rows] : [rows, columns];
  const gemm = { node, input, weight, layout: transposed ? "out-in" : "in-out", from, to } as const;
  const bias = node.inputs[2] ?? "";
  if (bias === "") return withBias(index, gemm);
  if (!isBias(index.constant(bias), to)) return null;
  return { ...gemm, bias, biasNode: null, output: node.outputs[0] as string };
}

/** Every linear layer, by the value behind its bias. */
export function linearsByOutput(index: GraphIndex): ReadonlyMap<string, Linear> {
  const found = index.graph.nodes.map((node) => linearAt(index, node)).filter((linear) => linear !== null);
  return new Map(found.map((linear) => [linear.output, linear]));
}

function withBias(index: GraphIndex, product: Omit<Linear, "bias" | "biasNode" | "output">): Linear {
  const value = product.node.outputs[0] as string;
  const [only, ...others] = index.consumers(value);
  if (only?.op === "Add" && others.length === 0) {
    const bias = only.inputs.find((name) => name !== value);
    if (bias !== undefined && isBias(index.constant(bias), product.to)) {
      return { ...product, bias, biasNode: only, output: only.outputs[0] as string };
    }
  }
  return { ...product, bias: null, biasNode: null, output: value };
}

function isBias(constant: Constant | undefined, width: number): boolean {
  return constant !== undefined && constant.dims.at(-1) === width && constant.data.length === width;
}

function isPlainGemm(node: Node): boolean {
  return (
    floatAttribute(node, "alpha", 1) === 1 &&
    floatAttribute(node, "beta", 1) === 1 &&
    intAttribute(node, "transA", 0) === 0
  );
}
