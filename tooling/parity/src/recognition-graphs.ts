import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { decodeModel } from "@quee/onnx-codec";
import { float, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { randomStream } from "@quee/tensor";

/** A vision transformer as somebody else would hand it over. */
export interface RawNetwork {
  readonly name: string;
  /** Who wrote it, and at which opset. */
  readonly madeBy: string;
  readonly graph: Graph;
}

const folder = new URL("../fixtures/recognition/", import.meta.url);

/** What PyTorch's exporter wrote: see make.py in the folder. */
export function exportedNetworks(): readonly RawNetwork[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".onnx.gz"));
  return files.toSorted().map((file) => {
    const [name = "", opset = "", batch = ""] = file.split(".");
    const graph = decodeModel(new Uint8Array(gunzipSync(readFileSync(new URL(file, folder)))), { file });
    const dynamic = batch === "static" ? "fixed batch" : batch === "open" ? "all dimensions open" : "dynamic batch";
    return { name, madeBy: `PyTorch 1.13, ${opset.replace("opset", "opset ")}, ${dynamic}`, graph };
  });
}

/** T = 17 (or 16 without a class token), D = 8, 2 heads, 2 layers, K = 3 on 16×16 images, like the exported ones. */
const [IMAGE, PATCH, WIDTH, HEADS, LAYERS, CLASSES] = [16, 4, 8, 2, 2, 3];
const PATCHES = (IMAGE / PATCH) ** 2;
const HEAD_WIDTH = WIDTH / HEADS;

/** The ways of exporters after PyTorch 1.13, and of onnxruntime's own optimizer. */
interface Style {
  readonly name: string;
  readonly opset: number;
  /** null: dynamic. */
  readonly batch: number | null;
  readonly attention: keyof typeof attentions;
  readonly activation: keyof typeof activations;
  readonly order: "pre" | "post";
  readonly layerScale: boolean;
  readonly linear: "matmul" | "gemm";
  /** Class token, and registers as the later DINOv2 has. */
  readonly tokens: 0 | 1 | 5;
  readonly pool: "token" | "mean";
}

const usual = {
  batch: null,
  attention: "scaledBoth",
  activation: "erf",
  order: "pre",
  layerScale: false,
  linear: "matmul",
  tokens: 1,
  pool: "token",
} as const;

const styles: readonly Style[] = [
  { ...usual, name: "dynamo-split", opset: 18, attention: "split", tokens: 0, pool: "mean" },
  { ...usual, name: "dynamo-layer-scale", opset: 20, activation: "tanhOperator", layerScale: true },
  { ...usual, name: "dynamo-post-norm-gemm", opset: 21, batch: 1, activation: "relu", order: "post", linear: "gemm" },
  { ...usual, name: "dynamo-registers", opset: 22, activation: "operator", tokens: 5, pool: "mean" },
  { ...usual, name: "attention-of-tokens", opset: 23, attention: "attentionOfTokens", activation: "operator" },
  { ...usual, name: "attention-of-heads", opset: 23, batch: 2, attention: "attentionOfHeads", activation: "operator" },
  { ...usual, name: "ort-multi-head-attention", opset: 17, attention: "multiHeadAttention", activation: "fused" },
  { ...usual, name: "ort-attention", opset: 17, attention: "ortAttention", activation: "fused" },
];

export function handBuiltNetworks(): readonly RawNetwork[] {
  return styles.map((style) => {
    const batch = style.batch === null ? "dynamic batch" : "fixed batch";
    return { name: style.name, madeBy: `hand-built, opset ${style.opset}, ${batch}`, graph: build(style) };
  });
}

class Writer {
  readonly builder: GraphBuilder;
  readonly style: Style;
  readonly #random = randomStream(11, "recognition");

  constructor(style: Style) {
    this.style = style;
    this.builder = new GraphBuilder("main_graph");
    this.builder.opset("", style.opset);
  }

  weight(...shape: readonly number[]): string {
    const size = shape.reduce((product, dim) => product * dim, 1);
    return this.builder.tensor(
      "val",
      shape,
      Float32Array.from({ length: size }, () => 0.5 * this.#random.normal()),
    );
  }

  /** [batch, …rest] as a shape: the batch read from a value, as exporters do, or the number. */
  shape(of: string, ...rest: readonly number[]): string {
    const { builder, style } = this;
    if (style.batch !== null) return builder.int64([style.batch, ...rest]);
    const batch = builder.add("Shape", [of], { start: 0, end: 1 });
    return builder.add("Concat", [batch, builder.int64(rest)], { axis: 0 });
  }

  linear(x: string, from: number, to: number, tokens: number): string {
    const { builder, style } = this;
    if (style.linear === "matmul") return builder.plus(builder.matMul(x, this.weight(from, to)), this.weight(to));
    const rows = builder.reshape(x, [-1, from]);
    const product = builder.add("Gemm", [rows, this.weight(to, from), this.weight(to)], { transB: 1 });
    return builder.add("Reshape", [product, this.shape(x, tokens, to)], { allowzero: 1 });
  }

  norm(x: string): string {
    const scale = [this.weight(WIDTH), this.weight(WIDTH)];
    return this.builder.add("LayerNormalization", [x, ...scale], { axis: -1, epsilon: float(1e-6) });
  }

  heads(x: string, tokens: number): string {
    const { builder } = this;
    const split = builder.add("Reshape", [x, this.shape(x, tokens, HEADS, HEAD_WIDTH)], { allowzero: 1 });
    return builder.transpose(split, [0, 2, 1, 3]);
  }

  joined(context: string, tokens: number): string {
    const { builder } = this;
    const byToken = builder.transpose(context, [0, 2, 1, 3]);
    return builder.add("Reshape", [byToken, this.shape(context, tokens, WIDTH)], { allowzero: 1 });
  }
}

type Write = (writer: Writer, x: string, tokens: number) => string;

const attentions = {
  /** PyTorch 2's scaled dot product: the root of the scale on queries and on keys. */
  scaledBoth: (writer, x, tokens) => {
    const { builder } = writer;
    const [q, k, v] = three(() => writer.heads(writer.linear(x, WIDTH, WIDTH, tokens), tokens));
    const root = () => builder.scalar(HEAD_WIDTH ** -0.25);
    const keys = builder.times(builder.transpose(k, [0, 1, 3, 2]), root());
    const weights = builder.softmax(builder.matMul(builder.times(q, root()), keys));
    return writer.joined(builder.matMul(weights, v), tokens);
  },
  split: (writer, x, tokens) => {
    const { builder } = writer;
    const stacked = writer.linear(x, WIDTH, 3 * WIDTH, tokens);
    const parts = builder.addMany("Split", [stacked], 3, { axis: -1, num_outputs: 3 });
    const [q, k, v] = parts.map((part) => writer.heads(part, tokens)) as [string, string, string];
    const scores = builder.matMul(q, builder.transpose(k, [0, 1, 3, 2]));
    return writer.joined(
      builder.matMul(builder.softmax(builder.over(scores, builder.scalar(HEAD_WIDTH ** 0.5))), v),
      tokens,
    );
  },
  attentionOfTokens: (writer, x, tokens) => {
    const qkv = three(() => writer.linear(x, WIDTH, WIDTH, tokens));
    return writer.builder.add("Attention", qkv, { q_num_heads: HEADS, kv_num_heads: HEADS });
  },
  attentionOfHeads: (writer, x, tokens) => {
    const qkv = three(() => writer.heads(writer.linear(x, WIDTH, WIDTH, tokens), tokens));
    return writer.joined(writer.builder.add("Attention", qkv, { scale: float(0.4) }), tokens);
  },
  multiHeadAttention: (writer, x) => {
    const qkv = three(() => writer.builder.matMul(x, writer.weight(WIDTH, WIDTH)));
    const bias = writer.weight(3 * WIDTH);
    return writer.builder.add("com.microsoft:MultiHeadAttention", [...qkv, bias], { num_heads: HEADS });
  },
  ortAttention: (writer, x) => {
    const stacked = [writer.weight(WIDTH, 3 * WIDTH), writer.weight(3 * WIDTH)];
    return writer.builder.add("com.microsoft:Attention", [x, ...stacked], { num_heads: HEADS });
  },
} as const satisfies Record<string, Write>;

const activations = {
  relu: ({ builder }, x) => builder.add("Relu", [x]),
  operator: ({ builder }, x) => builder.add("Gelu", [x]),
  tanhOperator: ({ builder }, x) => builder.add("Gelu", [x], { approximate: "tanh" }),
  fused: ({ builder }, x) => builder.add("com.microsoft:Gelu", [x]),
  erf: ({ builder }, x) => {
    const gate = builder.plus(builder.add("Erf", [builder.times(x, builder.scalar(Math.SQRT1_2))]), builder.scalar(1));
    return builder.times(builder.times(x, builder.scalar(0.5)), gate);
  },
} as const satisfies Record<string, (writer: Writer, x: string) => string>;

function three(make: () => string): [string, string, string] {
  return [make(), make(), make()];
}

function build(style: Style): Graph {
  const writer = new Writer(style);
  const { builder } = writer;
  const batch = style.batch ?? "s0";
  const pixels = builder.input("pixel_values", [batch, 3, IMAGE, IMAGE]);
  const kernel = [pixels, writer.weight(WIDTH, 3, PATCH, PATCH), writer.weight(WIDTH)];
  const map = builder.add("Conv", kernel, { kernel_shape: [PATCH, PATCH], strides: [PATCH, PATCH] });
  const flat = builder.add("Reshape", [map, writer.shape(pixels, WIDTH, PATCHES)], { allowzero: 1 });
  const tokens = PATCHES + style.tokens;
  let x = withSpecialTokens(writer, pixels, builder.transpose(flat, [0, 2, 1]));
  x = builder.plus(x, writer.weight(1, tokens, WIDTH));
  for (let i = 0; i < LAYERS; i++) x = layer(writer, x, tokens);
  if (style.order === "pre") x = writer.norm(x);
  const features = pool(writer, x, tokens);
  const head = [features, writer.weight(CLASSES, WIDTH), writer.weight(CLASSES)];
  builder.output(builder.add("Gemm", head, { transB: 1 }, "logits"), [batch, CLASSES]);
  return builder.build();
}

/** Class token and registers, each spread over the batch. */
function withSpecialTokens(writer: Writer, pixels: string, patches: string): string {
  const { builder, style } = writer;
  if (style.tokens === 0) return patches;
  const counts = style.tokens === 1 ? [1] : [1, style.tokens - 1];
  const rows = counts.map((count) =>
    builder.add("Expand", [writer.weight(1, count, WIDTH), writer.shape(pixels, count, WIDTH)]),
  );
  return builder.add("Concat", [...rows, patches], { axis: 1 });
}

function layer(writer: Writer, x: string, tokens: number): string {
  const { builder, style } = writer;
  const scaled = (branch: string) => (style.layerScale ? builder.times(branch, writer.weight(WIDTH)) : branch);
  const attention: Write = (w, value, count) =>
    scaled(w.linear(attentions[style.attention](w, value, count), WIDTH, WIDTH, count));
  const mlp: Write = (w, value, count) => {
    const hidden = activations[style.activation](w, w.linear(value, WIDTH, 2 * WIDTH, count));
    return scaled(w.linear(hidden, 2 * WIDTH, WIDTH, count));
  };
  return [attention, mlp].reduce((value, half) => {
    if (style.order === "post") return writer.norm(builder.plus(value, half(writer, value, tokens)));
    return builder.plus(half(writer, writer.norm(value), tokens), value);
  }, x);
}

function pool(writer: Writer, x: string, tokens: number): string {
  const { builder, style } = writer;
  if (style.pool === "token") {
    const first = { dtype: "int64", dims: [], data: BigInt64Array.of(0n) } as const;
    return builder.add("Gather", [x, builder.initializer("index", first)], { axis: 1 });
  }
  const patches = style.tokens === 0 ? x : builder.slice(x, 1, style.tokens, tokens);
  // From opset 18 on the axes are an input.
  return builder.add("ReduceMean", [patches, builder.int64([1])], { keepdims: 0 });
}
