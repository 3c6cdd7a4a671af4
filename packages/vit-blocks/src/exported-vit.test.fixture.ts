import { constant, float, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { randomStream } from "@quee/tensor";

/** The ways in which exporters and libraries write the same network. */
export interface Dialect {
  readonly stem: "conv" | "token-transformer";
  /** One product for queries, keys and values, or three. */
  readonly qkv: "stacked" | "separate";
  /** A trained factor on every branch, as DINOv2 has. */
  readonly layerScale: boolean;
  /** Where the class token is taken: behind the final norm or before it. */
  readonly classToken: "after-norm" | "before-norm";
  readonly depth: number;
}

export const plain: Dialect = {
  stem: "conv",
  qkv: "stacked",
  layerScale: false,
  classToken: "after-norm",
  depth: 2,
};

/** 8×8 images in patches of 4: T = 5, D = 6, 2 heads of 3, MLP of 12, K = 4. */
export const [T, D, HEADS, HIDDEN, K] = [5, 6, 2, 12, 4];

/** A pre-norm ViT with meaningless names, as PyTorch's exporter would write it (cleaned). */
export function exportedVit(dialect: Dialect): Graph {
  const writer = new Writer();
  const { builder } = writer;
  const pixels = builder.input("pixel_values", ["batch", 3, 8, 8]);
  const patches = dialect.stem === "conv" ? convStem(writer, pixels) : tokenTransformerStem(writer, pixels);
  const nothing = builder.times(builder.slice(patches, 1, 0, 1), builder.scalar(0));
  const tokens = builder.add("Concat", [builder.plus(writer.weight([1, 1, D]), nothing), patches], { axis: 1 });
  let x = builder.plus(tokens, writer.weight([1, T, D]));
  for (let i = 0; i < dialect.depth; i++) x = layer(writer, x, dialect);
  const zero = builder.initializer(builder.fresh("index"), { dtype: "int64", dims: [], data: BigInt64Array.of(0n) });
  const first = (value: string) => builder.add("Gather", [value, zero], { axis: 1 });
  const features = dialect.classToken === "after-norm" ? first(writer.norm(x)) : writer.norm(first(x));
  const head = [features, writer.weight([K, D]), writer.weight([K])];
  builder.output(builder.add("Gemm", head, { transB: 1 }, "logits"), ["batch", K]);
  return builder.build();
}

class Writer {
  readonly builder = new GraphBuilder("exported");
  readonly #random = randomStream(1, "exported");

  weight(shape: readonly number[]): string {
    const count = shape.reduce((product, dim) => product * dim, 1);
    return this.builder.tensor(
      "w",
      shape,
      Float32Array.from({ length: count }, () => this.#random.normal()),
    );
  }

  /** PyTorch writes the bias first. */
  linear(x: string, from: number, to: number): string {
    return this.builder.plus(this.weight([to]), this.builder.matMul(x, this.weight([from, to])));
  }

  norm(x: string): string {
    return this.builder.add("LayerNormalization", [x, this.weight([D]), this.weight([D])], { epsilon: float(1e-6) });
  }
}

function convStem(writer: Writer, pixels: string): string {
  const { builder } = writer;
  const kernel = [pixels, writer.weight([D, 3, 4, 4]), writer.weight([D])];
  const map = builder.add("Conv", kernel, { kernel_shape: [4, 4], strides: [4, 4] });
  return builder.transpose(builder.reshape(map, [0, D, T - 1]), [0, 2, 1]);
}

/** Unfold, norm, attention with one head whose residual goes around from the values, as T2T-ViT_t has it. */
function tokenTransformerStem(writer: Writer, pixels: string): string {
  const { builder } = writer;
  const picks = Float32Array.from({ length: 48 * 16 }, (_, i) => (Math.floor(i / 16) % 16 === i % 16 ? 1 : 0));
  const kernel = builder.initializer("picks", constant([48, 1, 4, 4], picks));
  const windows = builder.add("Conv", [pixels, kernel], { group: 3, kernel_shape: [4, 4], strides: [4, 4] });
  const tokens = builder.transpose(builder.reshape(windows, [0, 48, T - 1]), [0, 2, 1]);
  const normed = builder.add("LayerNormalization", [tokens, writer.weight([48]), writer.weight([48])]);
  const stacked = writer.linear(normed, 48, 3 * D);
  const sizes = builder.int64([D, D, D]);
  const [q, k, v] = builder.addMany("Split", [stacked, sizes], 3, { axis: -1 }) as [string, string, string];
  const scores = builder.times(builder.matMul(q, builder.transpose(k, [0, 2, 1])), builder.scalar(D ** -0.5));
  const attended = writer.linear(builder.matMul(builder.softmax(scores), v), D, D);
  return builder.plus(v, attended);
}

function layer(writer: Writer, x: string, dialect: Dialect): string {
  const { builder } = writer;
  const scaled = (branch: string) => (dialect.layerScale ? builder.times(branch, writer.weight([D])) : branch);
  const attended = scaled(attention(writer, writer.norm(x), dialect));
  const middle = builder.plus(attended, x);
  const expanded = writer.linear(writer.norm(middle), D, HIDDEN);
  const gate = builder.plus(
    builder.add("Erf", [builder.over(expanded, builder.scalar(Math.SQRT2))]),
    builder.scalar(1),
  );
  const gelu = builder.times(builder.times(expanded, builder.scalar(0.5)), gate);
  return builder.plus(middle, scaled(writer.linear(gelu, HIDDEN, D)));
}

function attention(writer: Writer, x: string, { qkv }: Dialect): string {
  const { builder } = writer;
  const [q, k, v] = qkv === "stacked" ? stackedHeads(writer, x) : separateHeads(writer, x);
  const keys = builder.transpose(k, [0, 1, 3, 2]);
  const scores = builder.over(builder.matMul(q, keys), builder.scalar(Math.sqrt(D / HEADS)));
  const context = builder.transpose(builder.matMul(builder.softmax(scores), v), [0, 2, 1, 3]);
  return writer.linear(builder.reshape(context, [0, T, D]), D, D);
}

function stackedHeads(writer: Writer, x: string): readonly [string, string, string] {
  const { builder } = writer;
  const stack = builder.reshape(writer.linear(x, D, 3 * D), [0, T, 3, HEADS, D / HEADS]);
  const parts = builder.transpose(stack, [2, 0, 3, 1, 4]);
  const part = (i: number) => {
    const index = builder.initializer(builder.fresh("index"), {
      dtype: "int64",
      dims: [],
      data: BigInt64Array.of(BigInt(i)),
    });
    return builder.add("Gather", [parts, index], { axis: 0 });
  };
  return [part(0), part(1), part(2)];
}

function separateHeads(writer: Writer, x: string): readonly [string, string, string] {
  const { builder } = writer;
  const heads = () =>
    builder.transpose(builder.reshape(writer.linear(x, D, D), [0, T, HEADS, D / HEADS]), [0, 2, 1, 3]);
  return [heads(), heads(), heads()];
}
