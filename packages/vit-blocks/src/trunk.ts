import type { Graph } from "@quee/onnx-graph";
import { say, unlikeVit } from "./anatomy-error.js";
import { type ClassTokenReading, readClassToken } from "./class-token.js";
import { type GraphIndex, indexGraph } from "./graph-index.js";
import { type LayersReading, readLayers } from "./layers.js";
import { type Linear, linearsByOutput } from "./linears.js";

/** A whole network or one block of it, read from its features [B, D] upwards. */
export interface Trunk extends LayersReading, ClassTokenReading {
  readonly index: GraphIndex;
  readonly linears: ReadonlyMap<string, Linear>;
  /** The linear head, or null in a block that ends in features. */
  readonly head: Linear | null;
  /** The class token's normed features [B, D]. */
  readonly features: string;
}

export function readTrunk(graph: Graph): Trunk {
  requireNodeNames(graph);
  const index = indexGraph(graph);
  const linears = linearsByOutput(index);
  const output = featuresOutput(index);
  const head = linears.get(output) ?? null;
  const features = head === null ? output : head.input;
  if (head === null) requireFeatures(index, output);
  const reading = readClassToken(index, features);
  return { index, linears, head, features, ...reading, ...readLayers(index, linears, reading.stream) };
}

/** The output of rank 2: logits, or the features of a block without a head. */
function featuresOutput(index: GraphIndex): string {
  const outputs = index.graph.outputs.map(({ name }) => name);
  // The one that nothing reads: features stand before the logits, where a block gives both.
  const first = outputs.find((name) => index.shape(name)?.length === 2 && index.consumers(name).length === 0);
  if (first === undefined) throw unlikeVit("outputs", "logits or features of shape [batch, n]", outputs.join(", "));
  return first;
}

function requireFeatures(index: GraphIndex, output: string): void {
  const last = index.producer(output);
  const expected = "a linear head (MatMul and Add, or Gemm) or the class token's features";
  const layouts = ["Reshape", "Gather", "Slice", "Squeeze", "Flatten", "LayerNormalization"];
  if (last === undefined || !layouts.includes(last.op)) throw unlikeVit(`output "${output}"`, expected, say(last));
}

/** Sites and layers are spoken of by the names of their operators. */
function requireNodeNames(graph: Graph): void {
  const seen = new Set<string>();
  for (const { name, op, outputs } of graph.nodes) {
    if (name === "" || seen.has(name)) {
      const got = name === "" ? "none" : `"${name}" again`;
      throw unlikeVit(`${op} that makes "${outputs[0]}"`, "a name of its own on every operator", got);
    }
    seen.add(name);
  }
}
