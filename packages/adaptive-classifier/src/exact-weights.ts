import type { Bits } from "@quee/core";
import { decodeModel } from "@quee/onnx-codec";
import type { Constant, Graph, Node } from "@quee/onnx-graph";
import { exactWeightType } from "@quee/onnx-session";
import type { AdaptiveModel } from "./model.js";

/** Codes within −64 … 63 cannot saturate: 2·255·64 < 2¹⁵. */
const safe = 64;
const zero = 128;

/** Whether a model's products would saturate on this processor as they are. */
export async function saturates({ arithmetic }: Pick<AdaptiveModel, "arithmetic">): Promise<boolean> {
  return arithmetic === "integer" && (await exactWeightType()) === "uint8";
}

/** A block as this processor computes it exactly. */
export async function exactBlock(model: AdaptiveModel, block: number, bits: Bits): Promise<Graph | Uint8Array> {
  const bytes = await model.block(block, bits);
  return (await saturates(model)) ? withExactWeights(decodeModel(bytes)) : bytes;
}

/**
 * An integer graph for processors that add two products of uint8 and int8 in 16 bits: weights that could saturate become uint8 with
 * zero point 128. The same sums, exact everywhere, by slower kernels.
 */
export function withExactWeights(graph: Graph): Graph {
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.map((node): Node => {
    if (node.op !== "MatMulIntegerToFloat") return node;
    const [a = "", b = "", aScale = "", bScale = "", aZero = "", , bias = ""] = node.inputs;
    const weight = graph.initializers.get(b);
    if (weight === undefined || weight.dtype !== "int8") return node;
    const codes = weight.data as Int8Array;
    if (codes.every((code) => code >= -safe && code < safe)) return node;
    const [name, zeroName] = [`${b}_uint8`, `${b}_uint8_zero`];
    initializers.set(name, unsigned(weight, codes));
    initializers.set(zeroName, { dtype: "uint8", dims: [], data: Uint8Array.of(zero) });
    return { ...node, inputs: [a, name, aScale, bScale, aZero, zeroName, bias] };
  });
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  for (const name of graph.initializers.keys()) if (!read.has(name)) initializers.delete(name);
  return { ...graph, initializers, nodes };
}

function unsigned({ dims }: Constant, codes: Int8Array): Constant {
  return { dtype: "uint8", dims, data: Uint8Array.from(codes, (code) => code + zero) };
}
