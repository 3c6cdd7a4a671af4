import type { StageEntry } from "@quee/artifacts";
import { sha256 } from "@quee/artifacts";
import { type Bits, QueeError } from "@quee/core";
import { decodeModel, encodeModel } from "@quee/onnx-codec";
import { cleanGraph, extractSubgraph, type Graph } from "@quee/onnx-graph";
import { fakeQuantizeGraph, integerGraph } from "@quee/ptq4vit-quantizer";
import { analyzeVit, cutBlocks, type VitAnatomy } from "@quee/vit-blocks";
import type { z } from "zod";
import type { HeadCorrection } from "../stages/head-correction.js";
import type { ModelFiles } from "../stages/model-files.js";
import { blockFileOf, type encodingsSchema, float } from "../stages/quantize-blocks.js";

export interface FullNetwork {
  /** Cleaned, `pixel_values` [batch, C, H, W] → `logits` [batch, K]. */
  readonly graph: Graph;
  readonly anatomy: VitAnatomy;
}

/**
 * The network that a run cut into blocks, whole.
 * @throws QueeError where the file at hand gives other blocks than the run's
 */
export function fullNetwork({ file, bytes }: ModelFiles, exits: readonly number[], prepared: StageEntry): FullNetwork {
  const clean = cleanGraph(decodeModel(bytes, { file }));
  const anatomy = analyzeVit(clean);
  for (const block of cutBlocks(clean, anatomy, exits)) {
    const name = `block-${block.index}.onnx`;
    const expected = prepared.files.get(name)?.sha256;
    const got = sha256(encodeModel(block.graph));
    if (expected !== got) throw otherModel(file, `block ${block.index}`, expected ?? "none", got);
  }
  const whole = extractSubgraph(clean, {
    name: clean.name,
    inputs: [{ name: anatomy.input, rename: "pixel_values" }],
    outputs: [{ name: anatomy.output, rename: "logits" }],
  });
  const inputs = whole.inputs.map((info) => ({ ...info, shape: ["batch", ...anatomy.imageShape] }));
  const outputs = whole.outputs.map((info) => ({ ...info, shape: ["batch", anatomy.classCount] }));
  return { graph: { ...whole, inputs, outputs }, anatomy };
}

export interface BlockSource {
  readonly quantized: StageEntry;
  readonly encodings: z.output<typeof encodingsSchema>;
  readonly arithmetic: "integer" | "fake-quant";
  readonly correction: HeadCorrection;
  /** SHA-256 of the file that the network came from. */
  readonly source: string;
}

/** A block with its head at a level, as bytes. */
export async function exportedBlock(
  { quantized, encodings, arithmetic, correction, source }: BlockSource,
  block: number,
  bits: Bits,
): Promise<Uint8Array> {
  const floatGraph = decodeModel(await quantized.read(blockFileOf(block, float)));
  const quantize = arithmetic === "integer" ? integerGraph : fakeQuantizeGraph;
  const graph = correction.graph(quantize(floatGraph, encodingsOf(encodings, block, bits)), block, bits);
  return encodeModel(
    labelled(graph, source, {
      kind: "block",
      block_index: String(block),
      bits_w: String(bits),
      bits_a: String(bits),
      arithmetic,
    }),
  );
}

/** What a model file says of itself, for whoever finds it alone. */
export function labelled(graph: Graph, source: string, facts: Readonly<Record<string, string>>): Graph {
  const own = { schema_version: "1", source_sha256: source, created_by: "quee export", ...facts };
  const metadata = new Map(graph.metadata);
  for (const [key, value] of Object.entries(own)) metadata.set(`quee.${key}`, value);
  return { ...graph, metadata };
}

function encodingsOf(encodings: BlockSource["encodings"], block: number, bits: Bits) {
  const found = encodings.find((one) => one.block === block && one.bits === bits);
  if (found !== undefined) return found;
  const expected = `scales of block ${block} at ${bits} bits`;
  throw new QueeError({ code: "E_ENCODINGS", kind: "artifact", where: "encodings.json", expected, got: "none" });
}

function otherModel(file: string, where: string, expected: string, got: string): QueeError {
  return new QueeError({
    code: "E_MODEL_CHANGED",
    kind: "input",
    file,
    where,
    expected: `the network of the run, sha256 ${expected}`,
    got,
    hint: "The model file or this program has changed since: run the experiment again",
  });
}
