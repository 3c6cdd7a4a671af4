import { breakdownOf } from "@quee/cost-model";
import { checkFinite, decodeModel } from "@quee/onnx-codec";
import { cleanGraph, type Graph, verifyGraph } from "@quee/onnx-graph";
import { analyzeVit, cutBlocks, type Pooling, quantizableSites, type Site, type VitAnatomy } from "@quee/vit-blocks";
import { parametersByPart } from "./parameters-by-part.js";
import { proposedExits } from "./proposed-exits.js";

/** Stem, block or head. */
export interface PartDiagnosis {
  readonly name: string;
  /** First and last layer, 1-based; null for stem and head. */
  readonly layers: readonly [number, number] | null;
  /** Multiply-accumulates per image. */
  readonly macs: number;
  /** Numbers stored in float. */
  readonly parameters: number;
  readonly outputShape: readonly (number | string)[];
}

/** Products of one kind that get quantized alike. */
export interface ProductDiagnosis {
  readonly role: Site["role"];
  readonly count: number;
  /** `linear` and `conv`: activations by weights; `matmul`: activations by activations. */
  readonly kind: Site["kind"];
  /** Scales per weight tensor: 3 for stacked queries, keys and values. */
  readonly groups: number;
  /** What the left operand comes from where its range is split in two. */
  readonly twinRangesBehind: "softmax" | "GELU" | null;
}

export interface ModelDiagnosis {
  readonly operators: { readonly raw: number; readonly clean: number };
  readonly opset: number;
  readonly input: { readonly name: string; readonly shape: readonly (number | string)[] };
  readonly tokens: number;
  readonly width: number;
  readonly heads: number;
  readonly depth: number;
  readonly classCount: number;
  readonly pooling: readonly Pooling[];
  readonly exits: readonly number[];
  readonly parts: readonly PartDiagnosis[];
  readonly totalMacs: number;
  readonly products: readonly ProductDiagnosis[];
  /** MACs of the stem that stay in float (performer). */
  readonly floatMacs: number;
}

/** The steps on the way to a diagnosis; the last one begun is the one that stopped. */
export type Step = "read" | "check" | "clean" | "recognise" | "cut";

/**
 * Everything that QuEE would do with a network before the first image.
 * @param exits null: propose some
 * @throws QueeError (input, config) naming the first thing that is in the way
 */
export function diagnoseModel(
  bytes: Uint8Array,
  exits: readonly number[] | null,
  begin: (step: Step) => void = () => undefined,
): ModelDiagnosis {
  begin("read");
  const raw = decodeModel(bytes);
  begin("check");
  checkFinite(raw);
  verifyGraph(raw);
  begin("clean");
  const graph = cleanGraph(raw);
  begin("recognise");
  const anatomy = analyzeVit(graph);
  begin("cut");
  const chosen = exits ?? proposedExits(anatomy.layers.length);
  cutBlocks(graph, anatomy, chosen);
  return { ...describe(raw, graph, anatomy), exits: chosen, ...partsOf(graph, anatomy, chosen) };
}

function describe(raw: Graph, graph: Graph, anatomy: VitAnatomy) {
  const { input, imageShape, tokens, width, heads, layers, classCount, pooling } = anatomy;
  return {
    operators: { raw: raw.nodes.length, clean: graph.nodes.length },
    opset: raw.opsets.get("") ?? 0,
    input: { name: input, shape: ["batch", ...imageShape] },
    tokens,
    width,
    heads,
    depth: layers.length,
    classCount,
    pooling,
    products: productsOf(quantizableSites(graph)),
  };
}

function partsOf(graph: Graph, anatomy: VitAnatomy, exits: readonly number[]) {
  const macs = breakdownOf(graph, anatomy);
  const parameters = parametersByPart(graph, anatomy);
  const tokens = ["batch", anatomy.tokens, anatomy.width];
  const between = (values: readonly number[], from: number, to: number) =>
    values.slice(from - 1, to).reduce((sum, value) => sum + value, 0);
  const blocks = exits.map((to, j): PartDiagnosis => {
    const from = (exits[j - 1] ?? 0) + 1;
    return {
      name: `block ${j + 1}`,
      layers: [from, to],
      macs: between(macs.layers, from, to),
      parameters: between(parameters.layers, from, to),
      outputShape: tokens,
    };
  });
  const stem = { name: "stem", layers: null, macs: macs.stem, parameters: parameters.stem, outputShape: tokens };
  const logits = ["batch", anatomy.classCount];
  const head = { name: "head", layers: null, macs: macs.head, parameters: parameters.head, outputShape: logits };
  return { parts: [stem, ...blocks, head], totalMacs: macs.total, floatMacs: macs.stemFloat };
}

function productsOf(sites: readonly Site[]): readonly ProductDiagnosis[] {
  const alike = new Map<string, ProductDiagnosis>();
  for (const { role, kind, groups, postGelu, postSoftmax } of sites) {
    const twinRangesBehind = postSoftmax ? "softmax" : postGelu ? "GELU" : null;
    const key = [role, kind, groups, twinRangesBehind].join();
    const count = (alike.get(key)?.count ?? 0) + 1;
    alike.set(key, { role, count, kind, groups, twinRangesBehind });
  }
  return [...alike.values()];
}
