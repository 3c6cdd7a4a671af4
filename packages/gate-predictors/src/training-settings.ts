import type { GateLoss } from "./training-graph.js";

/** How networks are trained; the defaults are the paper's. QuEE (arXiv 2406.14404), section 7.1.4 and table 3. */
export interface TrainingSettings {
  /** `mse`, equation 16, or `bce`, the likelihood of outcomes. Default `mse`. */
  readonly loss?: GateLoss;
  /** Images per step, each with all pairs of the gate. Default 512. */
  readonly batchSize?: number;
  /** Default 10. */
  readonly maxEpochs?: number;
  /** Epochs without a lower validation loss before a gate stops. Default 2. */
  readonly patience?: number;
  /** Default 0.001. */
  readonly learningRate?: number;
  /** Coupled: added to the gradient. Default 0.0001. */
  readonly weightDecay?: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

export const trainingDefaults = {
  loss: "mse",
  batchSize: 512,
  maxEpochs: 10,
  patience: 2,
  learningRate: 1e-3,
  weightDecay: 1e-4,
} as const satisfies Partial<TrainingSettings>;
