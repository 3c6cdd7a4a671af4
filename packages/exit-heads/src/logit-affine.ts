import { softmaxRows, tensor } from "@quee/tensor";

/** z ↦ scale·z + bias of the logits z of one exit at one bit-width: two operators behind that head, or none with its weights in float. */
export interface LogitAffine {
  readonly scale: number;
  /** [K] */
  readonly bias: Float32Array;
}

/** What a probability of 0 stands for: float32 softmax comes to 0 below its least normal number, float16 below 2⁻²⁵. */
export const leastProbability = { float32: 2 ** -126, float16: 2 ** -25 } as const;

/**
 * The logits of probabilities, up to a constant per row, which no softmax sees.
 * @param zero what a probability of 0 stands for
 */
export function logitsOf(probabilities: Float32Array, zero: number): Float32Array {
  return probabilities.map((p) => Math.log(Math.max(p, zero)));
}

/** What a head would have answered with corrected logits. @param probabilities [N, K] row-major @returns like `probabilities` */
export function correctAnswers(
  probabilities: Float32Array,
  { scale, bias }: LogitAffine,
  zero: number = leastProbability.float32,
): Float32Array {
  const classCount = bias.length;
  const logits = logitsOf(probabilities, zero).map((logit, at) => scale * logit + bias[at % classCount]);
  return softmaxRows(tensor([logits.length / classCount, classCount], logits)).data;
}
