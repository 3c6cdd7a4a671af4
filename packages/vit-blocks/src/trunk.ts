import type { Graph } from "@quee/onnx-graph";
import { say, unlikeVit } from "./anatomy-error.js";
import { type GraphIndex, indexGraph } from "./graph-index.js";
import { type HeadReading, readHead } from "./head.js";
import { type LayersReading, readLayers } from "./layers.js";
import { type Linear, linearsByOutput } from "./linears.js";
import { readTail, type TailReading } from "./tail.js";

/** A whole network or one block of it, read from its features upwards. */
export interface Trunk extends LayersReading, TailReading {
  readonly index: GraphIndex;
  readonly linears: ReadonlyMap<string, Linear>;
  /** null in a block that ends in features. */
  readonly head: HeadReading | null;
  /** What the head reads, [B, n·D]: one value, or one per averaged classifier. */
  readonly features: readonly string[];
}

export function readTrunk(graph: Graph): Trunk {
  requireNodeNames(graph);
  const index = indexGraph(graph);
  const linears = linearsByOutput(index);
  const output = featuresOutput(index);
  const head = readHead(index, linears, output);
  if (head === null) requireFeatures(index, output);
  const features = head === null ? [output] : head.linears.map(({ input }) => input);
  const tails = features.map((value) => readTail(index, value));
  const { stream } = tails[0] as TailReading;
  const stray = tails.find((tail) => tail.stream !== stream);
  if (stray !== undefined) throw unlikeVit("head", `classifiers of the tokens "${stream}"`, `of "${stray.stream}"`);
  const pooling = tails.flatMap((tail) => tail.pooling);
  return { index, linears, head, features, pooling, ...readLayers(index, linears, stream), stream };
}

/** The output of rank 2: logits, or the features of a block without a head. */
function featuresOutput(index: GraphIndex): string {
  const outputs = index.graph.outputs.map(({ name }) => name);
  // The one that nothing reads: features stand before the logits, where a block gives both.
  const first = outputs.find((name) => index.shape(name)?.length === 2 && index.consumers(name).length === 0);
  if (first === undefined) throw unlikeVit("outputs", "logits or features of shape [batch, n]", outputs.join(", "));
  return first;
}

/** Layout, pooling, norms, and what puts features side by side. */
const ENDS_OF_FEATURES = new Set(
  "Reshape Squeeze Flatten Identity Gather Slice ReduceMean LayerNormalization Add Concat".split(" "),
);

function requireFeatures(index: GraphIndex, output: string): void {
  const last = index.producer(output);
  const expected = "a linear head (MatMul and Add, or Gemm) or pooled features";
  if (last === undefined || !ENDS_OF_FEATURES.has(last.op)) throw unlikeVit(`output "${output}"`, expected, say(last));
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
