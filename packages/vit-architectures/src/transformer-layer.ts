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
  /** ε of the layer norms. */
  readonly epsilon: number;
}

/** Pre-norm transformer layer: x + attention(LN(x)), then x + MLP(LN(x)). ViT (arXiv 2010.11929), equations 2 and 3. */
export function transformerLayer(writer: NetworkWriter, name: string, x: string, shape: LayerShape): string {
  const { builder } = writer;
  const { width, epsilon } = shape;
  const attended = attention(writer, `${name}.attention`, writer.layerNorm(`${name}.norm1`, x, width, epsilon), shape);
  const middle = builder.plus(x, attended, `${name}.after_attention`);
  const hidden = Math.round(width * shape.mlpRatio);
  const mixed = writer.mlp(`${name}.mlp`, writer.layerNorm(`${name}.norm2`, middle, width, epsilon), width, hidden);
  return builder.plus(middle, mixed, name);
}

/** softmax(Q·Kᵀ/√d)·V over all heads, projected. @param x [B, T, D] @returns [B, T, D] */
function attention(writer: NetworkWriter, name: string, x: string, shape: LayerShape): string {
  const { builder } = writer;
  const { tokens, width, heads } = shape;
  const headWidth = width / heads;
  const stacked = writer.linear(`${name}.qkv`, x, width, 3 * width, { bias: shape.qkvBias });
  const headsOf = (index: number, part: string, perm: readonly number[]) => {
    const columns = builder.slice(stacked, 2, index * width, (index + 1) * width, `${name}.${part}.columns`);
    return builder.transpose(builder.reshape(columns, [0, tokens, heads, headWidth]), perm, `${name}.${part}`);
  };
  const queries = headsOf(0, "queries", [0, 2, 1, 3]);
  const keys = headsOf(1, "keys", [0, 2, 3, 1]);
  const values = headsOf(2, "values", [0, 2, 1, 3]);
  const scores = builder.matMul(queries, keys, `${name}.scores`);
  const scaled = builder.times(scores, writer.scalar("attention_scale", headWidth ** -0.5));
  const probabilities = builder.softmax(scaled, -1, `${name}.probabilities`);
  const context = builder.matMul(probabilities, values, `${name}.context`);
  const joined = builder.reshape(builder.transpose(context, [0, 2, 1, 3]), [0, tokens, width], `${name}.joined`);
  return writer.linear(`${name}.projection`, joined, width, width);
}
