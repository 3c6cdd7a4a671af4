import type { NetworkWriter } from "./network-writer.js";

export interface LayerShape {
  /** T, the class token included. */
  readonly tokens: number;
  /** D */
  readonly width: number;
  readonly heads: number;
  /** Width of the hidden layer of the MLP over D. */
  readonly mlpRatio: number;
  readonly qkvBias: boolean;
  /** A trained factor per channel on both branches: LayerScale (Touvron et al., arXiv 2103.17239), as DINOv2 has it. */
  readonly layerScale: boolean;
  /** ε of the layer norms. */
  readonly epsilon: number;
}

/** Pre-norm transformer layer: x + attention(LN(x)), then x + MLP(LN(x)). ViT (arXiv 2010.11929), equations 2 and 3. */
export function transformerLayer(writer: NetworkWriter, name: string, x: string, shape: LayerShape): string {
  const { builder } = writer;
  const { width, epsilon } = shape;
  const scaled = (branch: string, i: number) => {
    if (!shape.layerScale) return branch;
    const factors = builder.tensor(`${name}.scale${i}.weight`, [width], new Float32Array(width).fill(1));
    return builder.times(branch, factors, `${name}.scale${i}`);
  };
  const attended = attention(writer, `${name}.attention`, writer.layerNorm(`${name}.norm1`, x, width, epsilon), shape);
  const middle = builder.plus(x, scaled(attended, 1), `${name}.after_attention`);
  const hidden = Math.round(width * shape.mlpRatio);
  const mixed = writer.mlp(`${name}.mlp`, writer.layerNorm(`${name}.norm2`, middle, width, epsilon), width, hidden);
  return builder.plus(middle, scaled(mixed, 2), name);
}

/** softmax(Q·Kᵀ/√d)·V over all heads, projected. @param x [B, T, D] @returns [B, T, D] */
function attention(writer: NetworkWriter, name: string, x: string, shape: LayerShape): string {
  const { builder } = writer;
  const { tokens, width, heads } = shape;
  const headWidth = width / heads;
  const stacked = writer.linear(`${name}.qkv`, x, width, 3 * width, { bias: shape.qkvBias });
  const parts = writer.split(`${name}.qkv`, stacked, width, ["queries", "keys", "values"]);
  const headsOf = (part: number, perm: readonly number[], to: string) =>
    builder.transpose(builder.reshape(parts[part] as string, [0, tokens, heads, headWidth]), perm, `${name}.${to}`);
  const queries = headsOf(0, [0, 2, 1, 3], "queries");
  const keys = headsOf(1, [0, 2, 3, 1], "keys");
  const values = headsOf(2, [0, 2, 1, 3], "values");
  const scores = builder.matMul(queries, keys, `${name}.scores`);
  const scaled = builder.times(scores, writer.scalar("attention_scale", headWidth ** -0.5));
  const probabilities = builder.softmax(scaled, -1, `${name}.probabilities`);
  const context = builder.matMul(probabilities, values, `${name}.context`);
  const joined = builder.reshape(builder.transpose(context, [0, 2, 1, 3]), [0, tokens, width], `${name}.joined`);
  return writer.linear(`${name}.projection`, joined, width, width);
}
