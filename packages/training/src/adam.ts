import type { GraphBuilder } from "@quee/onnx-graph";

/** Settings of Adam. Kingma and Ba (arXiv 1412.6980), algorithm 1; decoupled decay: Loshchilov and Hutter (arXiv 1711.05101). */
export interface Adam {
  /** Default 0.9. */
  readonly beta1: number;
  /** Default 0.999. */
  readonly beta2: number;
  /** Default 1e-8, added to the root. */
  readonly epsilon: number;
  /** Default 0. */
  readonly weightDecay: number;
  /** False (default): the decay is added to the gradient, plain L2. True: it acts on the parameter alone (AdamW). */
  readonly decoupled: boolean;
  /** Which parameters decay, by name. Default: all. */
  readonly decays: (parameter: string) => boolean;
}

export function adam(options: Partial<Adam> = {}): Adam {
  const defaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, decoupled: false, decays: () => true };
  return { ...defaults, ...options };
}

/** The values that one update reads, each a vector [P] or a scalar. */
export interface AdamInputs {
  readonly parameters: string;
  readonly gradient: string;
  readonly firstMoment: string;
  readonly secondMoment: string;
  readonly learningRate: string;
  /** 1/(1 − β₁ᵗ) at step t, counted from 1. */
  readonly firstCorrection: string;
  /** 1/(1 − β₂ᵗ) */
  readonly secondCorrection: string;
  /** Decay per parameter: a scalar, or [P]; null for none. */
  readonly decay: string | null;
}

export interface AdamOutputs {
  readonly parameters: string;
  readonly firstMoment: string;
  readonly secondMoment: string;
}

/**
 * Writes one update:
 *   g ← g + λθ (coupled);  m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²
 *   θ ← θ − η·(m̂/(√v̂ + ε) + λθ (decoupled))
 */
export function writeAdam(builder: GraphBuilder, settings: Adam, inputs: AdamInputs): AdamOutputs {
  const { beta1, beta2, epsilon, decoupled } = settings;
  const { parameters, learningRate, decay } = inputs;
  const decayed = decay === null ? null : builder.times(parameters, decay);
  const coupled = decayed === null || decoupled ? null : decayed;
  const gradient = coupled === null ? inputs.gradient : builder.plus(inputs.gradient, coupled);
  const average = (old: string, fresh: string, beta: number) =>
    builder.plus(builder.times(old, builder.scalar(beta)), builder.times(fresh, builder.scalar(1 - beta)));
  const firstMoment = average(inputs.firstMoment, gradient, beta1);
  const secondMoment = average(inputs.secondMoment, builder.times(gradient, gradient), beta2);
  const root = builder.add("Sqrt", [builder.times(secondMoment, inputs.secondCorrection)]);
  const direction = builder.over(
    builder.times(firstMoment, inputs.firstCorrection),
    builder.plus(root, builder.scalar(epsilon)),
  );
  const whole = decoupled && decayed !== null ? builder.plus(direction, decayed) : direction;
  return { parameters: builder.minus(parameters, builder.times(whole, learningRate)), firstMoment, secondMoment };
}
