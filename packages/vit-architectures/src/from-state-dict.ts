import { QueeError } from "@quee/core";
import { type Constant, constant, type Graph } from "@quee/onnx-graph";
import { sizeOf, type Tensor } from "@quee/tensor";
import { type NamingScheme, schemeOf } from "./naming-schemes.js";
import { parameterNames } from "./parameter-names.js";
import { resizePositions } from "./resize-positions.js";
import type { StateDict } from "./safetensors.js";
import { buildT2tVit } from "./t2t-vit.js";
import { buildVit } from "./vit.js";

export interface StateDictOptions {
  /** Height and width of the image, in pixels; without it as trained. Another size resizes the positions. */
  readonly imageSize?: number;
  /** Without it one per 64 channels, as ViT, DeiT, DINOv2 and T2T-ViT have. */
  readonly heads?: number;
  /** For a backbone that comes without a head: a fresh one for so many classes. */
  readonly freshHead?: { readonly classCount: number; readonly seed: number };
}

const CHANNELS_PER_HEAD = 64;
/** The strides of T2T-ViT's soft splits multiply to one token per 16 pixels. */
const T2T_STRIDE = 16;

/**
 * A ViT, DINOv2 or T2T-ViT (performer) with the weights of a checkpoint, named as timm, Hugging Face or T2T-ViT's authors name them. Depth,
 * widths, LayerScale, biases and what the head reads are those of the tensors: `pixel_values` [batch, 3, H, W] → `logits` [batch, K].
 * @throws QueeError (input) naming a tensor that is missing, has another shape, or has no place in the network
 */
export function fromStateDict(state: StateDict, options: StateDictOptions = {}): Graph {
  const scheme = schemeOf(state);
  const fresh = scheme.kind === "vit" ? emptyVit(state, scheme, options) : emptyT2tVit(state, scheme, options);
  const wanted = [...parameterNames(fresh), ...[...fresh.initializers.keys()].filter(isStoredConstant)];
  const initializers = new Map(fresh.initializers);
  const used = new Set<string>();
  for (const name of wanted) {
    const theirs = scheme.theirs(name);
    if (name.startsWith("head.") && hasFreshHead(state, scheme, options)) continue;
    for (const their of theirs) used.add(their);
    const { dims } = fresh.initializers.get(name) as Constant;
    const tensors = theirs.map((their) => fitting(find(state, their), name, dims));
    initializers.set(name, constant(dims, stacked(tensors, theirs, name, dims)));
  }
  const stray = [...state.keys()].find((name) => !used.has(name) && !scheme.ignored.test(name));
  if (stray !== undefined) {
    throw refused(
      `tensor "${stray}"`,
      `a tensor of a ${scheme.kind} as ${scheme.name} names it`,
      "one without a place",
    );
  }
  return { ...fresh, initializers };
}

/** Random features and positions of a T2T-ViT are not trained, and stored all the same. */
function isStoredConstant(name: string): boolean {
  return name === "positions" || name.endsWith(".features");
}

function hasFreshHead(state: StateDict, scheme: NamingScheme, { freshHead }: StateDictOptions): boolean {
  return freshHead !== undefined && !scheme.theirs("head.weight").some((name) => state.has(name));
}

/** Positions of another image size: learned ones, and T2T-ViT's sinusoids, which its authors resize too (bilinearly) when they transfer it. */
function fitting(found: Tensor, ours: string, dims: readonly number[]): Tensor {
  const isPositions = ours === "position.embedding" || ours === "positions";
  if (!isPositions || found.shape.length !== 3 || found.shape[2] !== dims[2]) return found;
  return resizePositions(found, Math.round(Math.sqrt((dims[1] as number) - 1)));
}

/** The tensors one upon the other, as we lay them out: a linear layer's [to, from] becomes [from, to]. */
function stacked(
  parts: readonly Tensor[],
  theirs: readonly string[],
  ours: string,
  dims: readonly number[],
): Float32Array {
  const all = new Float32Array(sizeOf(dims));
  const found = parts.map(({ shape }) => `[${shape.join(", ")}]`).join(" and ");
  const place = `tensor "${theirs.join('", "')}"`;
  if (parts.reduce((sum, { data }) => sum + data.length, 0) !== all.length) {
    throw refused(place, `${all.length} numbers for ${ours} [${dims.join(", ")}]`, found);
  }
  let at = 0;
  for (const { data } of parts) {
    all.set(data, at);
    at += data.length;
  }
  if (dims.length !== 2) return all;
  const [from, to] = dims as [number, number];
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] as number), 0);
  if (rows !== to) throw refused(place, `${to} rows for ${ours} [${dims.join(", ")}]`, found);
  return all.map((_, i) => all[(i % to) * from + Math.floor(i / to)] as number);
}

function emptyVit(state: StateDict, scheme: NamingScheme, options: StateDictOptions): Graph {
  const shapeOf = (name: string) => find(state, scheme.theirs(name)[0] as string).shape;
  const [width = 0, , patchSize = 0] = shapeOf("patch_embedding.weight");
  const [hidden = 0] = shapeOf("blocks.0.mlp.fc1.weight");
  const [, tokens = 0] = shapeOf("position.embedding");
  const imageSize = options.imageSize ?? Math.round(Math.sqrt(tokens - 1)) * patchSize;
  const { classCount, inputs, seed } = headOf(state, scheme, width, options);
  return buildVit({
    imageSize,
    patchSize,
    width,
    depth: depthOf(state, scheme),
    heads: options.heads ?? width / CHANNELS_PER_HEAD,
    mlpRatio: hidden / width,
    classCount,
    seed,
    layerScale: state.has(scheme.theirs("blocks.0.scale1.weight")[0] as string),
    qkvBias: state.has(scheme.theirs("blocks.0.attention.qkv.bias")[0] as string),
    pooling: inputs === 2 * width ? "token-and-mean" : "token",
    epsilon: scheme.epsilon,
  });
}

function emptyT2tVit(state: StateDict, scheme: NamingScheme, options: StateDictOptions): Graph {
  const shapeOf = (name: string) => find(state, scheme.theirs(name)[0] as string).shape;
  const [, , width = 0] = shapeOf("class_token.embedding");
  const [hidden = 0] = shapeOf("blocks.0.mlp.fc1.weight");
  const [tokenWidth = 0] = shapeOf("tokens_to_token.performer0.projection.weight");
  const [, tokens = 0] = shapeOf("positions");
  const { classCount, seed } = headOf(state, scheme, width, options);
  return buildT2tVit({
    imageSize: options.imageSize ?? Math.round(Math.sqrt(tokens - 1)) * T2T_STRIDE,
    width,
    depth: depthOf(state, scheme),
    heads: options.heads ?? width / CHANNELS_PER_HEAD,
    mlpRatio: hidden / width,
    classCount,
    seed,
    tokenWidth,
  });
}

/** Layers whose first norm is there. */
function depthOf(state: StateDict, scheme: NamingScheme): number {
  let depth = 0;
  while (state.has(scheme.theirs(`blocks.${depth}.norm1.weight`)[0] as string)) depth++;
  return depth;
}

function headOf(state: StateDict, scheme: NamingScheme, width: number, options: StateDictOptions) {
  const { freshHead } = options;
  if (freshHead !== undefined && hasFreshHead(state, scheme, options)) return { ...freshHead, inputs: width };
  const [classCount = 0, inputs = 0] = find(state, scheme.theirs("head.weight")[0] as string).shape;
  return { classCount, inputs, seed: 0 };
}

function find(state: StateDict, name: string): Tensor {
  const found = state.get(name);
  if (found === undefined) throw refused(`tensor "${name}"`, "this tensor among those of the checkpoint", "none");
  return found;
}

function refused(where: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_STATE_DICT", kind: "input", where, expected, got });
}
