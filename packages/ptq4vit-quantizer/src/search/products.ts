/**
 * Products that share their scales: of each unit u, estimate[u] = left[u]·right[u]ᵀ, [M, K] × [P, K]ᵀ → [M, P]. A linear layer has
 * one unit per token, M = 1 and one right side for all; a product of activations has one unit per image and head.
 */
export interface Products {
  readonly units: number;
  /** M, K and P. */
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** [U, M, K] */
  readonly left: Float32Array;
  /** [P, K] where shared, else [U, P, K] */
  readonly right: Float32Array;
  readonly rightIsShared: boolean;
  /** Output of the float network without the bias, [U, M, P]. */
  readonly target: Float32Array;
  /** ∂L/∂output, [U, M, P]. */
  readonly gradient: Float32Array;
  /** [P]; only a metric that is not a difference looks at it. */
  readonly bias: Float32Array | null;
}

/** Which factor of the products. */
export type Side = "left" | "right";
