import { bits as asBits, type Bits } from "@quee/core";
import type { Constant, Graph } from "@quee/onnx-graph";
import { z } from "zod";
import { codeBound } from "../quantizers/quantizer.js";
import { packCodes, packedBytes, unpackCodes } from "./code-packing.js";
import { UNSIGNED_ZERO } from "./product-writer.js";

const packedWeight = z.strictObject({
  /** The initializer of an integer graph. */
  name: z.string(),
  /** [from, to] */
  dims: z.array(z.int().positive()).length(2),
  bits: z.int().min(2).max(8).transform(asBits),
  /** Whether the graph wants code + 128 as uint8 instead of int8. */
  isUnsigned: z.boolean(),
  /** Its first byte among the packed. */
  offset: z.int().nonnegative(),
});

/** Where the codes of each weight lie among the packed bytes, as JSON keeps it. */
export const packedWeightsSchema = z.array(packedWeight);
export type PackedWeights = z.infer<typeof packedWeightsSchema>;

/** An integer graph for storing and sending: onnxruntime opens it when its weights are bytes again. */
export interface PackedGraph {
  /** All but the weight codes. */
  readonly graph: Graph;
  readonly weights: PackedWeights;
  /** Codes of b bits each; every weight begins with a byte of its own. */
  readonly bytes: Uint8Array;
}

/** Packs the weights of an integer graph into as many bits as their codes need: those of its level. */
export function packWeights(graph: Graph): PackedGraph {
  const rest = new Map(graph.initializers);
  const weights: PackedWeights = [];
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, value] of graph.initializers) {
    const isUnsigned = value.dtype === "uint8";
    if (value.dims.length !== 2 || !(isUnsigned || value.dtype === "int8")) continue;
    const codes = Int8Array.from(value.data as Uint8Array, (byte) => (isUnsigned ? byte - UNSIGNED_ZERO : byte));
    const bits = bitsFor(codes);
    parts.push(packCodes(codes, bits));
    weights.push({ name, dims: [...value.dims], bits, isUnsigned, offset });
    offset += packedBytes(codes.length, bits);
    rest.delete(name);
  }
  const bytes = new Uint8Array(offset);
  for (const [i, part] of parts.entries()) bytes.set(part, weights[i].offset);
  return { graph: { ...graph, initializers: rest }, weights, bytes };
}

/** The integer graph again, code for code. @throws QueeError of kind artifact where the bytes are too few */
export function unpackWeights({ graph, weights, bytes }: PackedGraph): Graph {
  const unpacked = weights.map(({ name, dims, bits, isUnsigned, offset }): readonly [string, Constant] => {
    const codes = unpackCodes(bytes.subarray(offset), dims[0] * dims[1], bits);
    if (!isUnsigned) return [name, { dtype: "int8", dims, data: codes }];
    return [name, { dtype: "uint8", dims, data: Uint8Array.from(codes, (code) => code + UNSIGNED_ZERO) }];
  });
  return { ...graph, initializers: new Map([...graph.initializers, ...unpacked]) };
}

function bitsFor(codes: Int8Array): Bits {
  const widths = [2, 3, 4, 5, 6, 7, 8].map(asBits);
  return widths.find((bits) => codes.every((code) => code >= -codeBound(bits) && code < codeBound(bits))) as Bits;
}
