import { constant } from "@quee/onnx-graph";
import type { NetworkWriter } from "./network-writer.js";
import { orthogonalRows } from "./weights.js";

/** Random features per token width. */
const KERNEL_RATIO = 0.5;
/** Keeps the division alive where every feature underflows. */
const DENOMINATOR_EPSILON = 1e-8;

export interface PerformerShape {
  /** Width of the tokens that come in. */
  readonly inputs: number;
  /** Width of the tokens that go out. */
  readonly width: number;
  readonly epsilon: number;
}

/**
 * One head of linear attention with positive random features, then an MLP; v goes around the attention as the residual.
 * Performer (arXiv 2009.14794), lemma 1, as T2T-ViT (arXiv 2101.11986) uses it on its long token sequences.
 * @param x [B, T, inputs] @returns [B, T, width]
 */
export function tokenPerformer(writer: NetworkWriter, name: string, x: string, shape: PerformerShape): string {
  const { builder } = writer;
  const { width, inputs, epsilon } = shape;
  const normed = writer.layerNorm(`${name}.norm1`, x, inputs, epsilon);
  const kqv = writer.linear(`${name}.kqv`, normed, inputs, 3 * width);
  const parts = writer.split(`${name}.kqv`, kqv, width, ["keys", "queries", "values"]);
  const [keys, queries, values] = parts as [string, string, string];
  const attended = linearAttention(writer, name, keys, queries, values, width);
  const middle = builder.plus(values, writer.linear(`${name}.projection`, attended, width, width));
  const mixed = writer.mlp(`${name}.mlp`, writer.layerNorm(`${name}.norm2`, middle, width, epsilon), width, width);
  return builder.plus(middle, mixed, name);
}

/** φ(Q)·(φ(K)ᵀ·V) / (φ(Q)·Σφ(K) + ε). All [B, T, width]. */
function linearAttention(
  writer: NetworkWriter,
  name: string,
  keys: string,
  queries: string,
  values: string,
  width: number,
): string {
  const { builder } = writer;
  const features = Math.floor(width * KERNEL_RATIO);
  const drawn = orthogonalRows(features, width, Math.sqrt(features), writer.seed, `${name}.features`);
  const projection = builder.initializer(
    `${name}.features`,
    constant([width, features], transposed(drawn, features, width)),
  );
  const phiOfKeys = positiveFeatures(writer, keys, projection, features);
  const phiOfQueries = positiveFeatures(writer, queries, projection, features);
  const summary = builder.matMul(builder.transpose(phiOfKeys, [0, 2, 1]), values);
  const sumOfKeys = builder.transpose(builder.reduceSum(phiOfKeys, [1]), [0, 2, 1]);
  const denominator = builder.plus(
    builder.matMul(phiOfQueries, sumOfKeys),
    writer.scalar("denominator_epsilon", DENOMINATOR_EPSILON),
  );
  return builder.over(builder.matMul(phiOfQueries, summary), denominator);
}

/** φ(x) = exp(W·x − |x|²/2) / √m. @param x [B, T, width] @returns [B, T, m] */
function positiveFeatures(writer: NetworkWriter, x: string, projection: string, features: number): string {
  const { builder } = writer;
  const squares = builder.reduceSum(builder.times(x, x), [-1]);
  const exponent = builder.minus(builder.matMul(x, projection), builder.times(squares, writer.scalar("half", 0.5)));
  return builder.over(builder.add("Exp", [exponent]), writer.scalar("square_root_of_features", Math.sqrt(features)));
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
}
