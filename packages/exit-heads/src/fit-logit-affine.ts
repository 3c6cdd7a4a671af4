import { QueeError } from "@quee/core";
import type { Tensor } from "@quee/tensor";
import type { LogitAffine } from "./logit-affine.js";

const steps = 150;
const stepSize = 0.03;
/** Pulls towards scale 1 and no bias: a rare class has few samples to speak for it. */
const decay = 1e-3;

/**
 * The scale and biases of logits that minimise mean cross-entropy + ½·decay·((scale − 1)² + |bias|²), by full-batch Adam from scale 1 and
 * no bias; the problem is convex. The best of all steps is kept, the start among them: on these samples the cross-entropy never rises.
 * Calibration that may move answers: vector scaling of Guo et al. (2017) with one scale for all classes.
 * @param logits [N, K]
 * @param labels [N]
 */
export function fitLogitAffine(logits: Tensor, labels: Int32Array): LogitAffine {
  const [count, classCount] = logits.shape;
  checkSamples(logits, labels);
  // Float32, as operators of a graph take them: what is fitted is what runs.
  const parameters = new Float32Array(classCount + 1);
  parameters[0] = 1;
  let best = { loss: Number.POSITIVE_INFINITY, parameters: parameters.slice() };
  const [first, second] = [new Float64Array(classCount + 1), new Float64Array(classCount + 1)];
  for (let step = 1; step <= steps && count > 0; step++) {
    const { loss, gradient } = affineLoss(logits, labels, parameters);
    if (loss < best.loss) best = { loss, parameters: parameters.slice() };
    const rate = (stepSize * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
    for (let k = 0; k <= classCount; k++) {
      first[k] = 0.9 * first[k] + 0.1 * gradient[k];
      second[k] = 0.999 * second[k] + 0.001 * gradient[k] ** 2;
      parameters[k] -= (rate * first[k]) / (Math.sqrt(second[k]) + 1e-8);
    }
  }
  return { scale: best.parameters[0], bias: best.parameters.slice(1) };
}

/**
 * What is minimised, and its gradient in (scale, bias).
 * @param parameters [1 + K]
 * @returns gradient [1 + K]
 */
export function affineLoss(
  { data, shape: [count, classCount] }: Tensor,
  labels: Int32Array,
  parameters: ArrayLike<number>,
): { readonly loss: number; readonly gradient: Float64Array } {
  const scale = parameters[0];
  const gradient = new Float64Array(classCount + 1);
  const weights = new Float64Array(classCount);
  let loss = 0;
  for (let i = 0; i < count; i++) {
    const at = i * classCount;
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classCount; k++) {
      weights[k] = scale * data[at + k] + parameters[k + 1];
      largest = Math.max(largest, weights[k]);
    }
    const ofLabel = weights[labels[i]] - largest;
    let sum = 0;
    for (let k = 0; k < classCount; k++) {
      weights[k] = Math.exp(weights[k] - largest);
      sum += weights[k];
    }
    loss += (Math.log(sum) - ofLabel) / count;
    for (let k = 0; k < classCount; k++) {
      // ∂L/∂z'ₖ = p'ₖ − 1[k = y]
      const excess = (weights[k] / sum - (labels[i] === k ? 1 : 0)) / count;
      gradient[0] += excess * data[at + k];
      gradient[k + 1] += excess;
    }
  }
  for (let k = 0; k <= classCount; k++) {
    const away = parameters[k] - (k === 0 ? 1 : 0);
    loss += 0.5 * decay * away ** 2;
    gradient[k] += decay * away;
  }
  return { loss, gradient };
}

function checkSamples({ data, shape }: Tensor, labels: Int32Array): void {
  const [count, classCount] = shape;
  const refuse = (kind: "input" | "numeric", expected: string, got: string) =>
    new QueeError({ code: "E_LOGITS", kind, where: "samples that logits are corrected on", expected, got });
  if (shape.length !== 2 || classCount < 1 || labels.length !== count) {
    const expected = "logits [N, K] and labels [N]";
    throw refuse("input", expected, `[${shape.join(", ")}] and [${labels.length}]`);
  }
  const stranger = labels.find((label) => label < 0 || label >= classCount);
  if (stranger !== undefined) throw refuse("input", `labels from 0 to ${classCount - 1}`, String(stranger));
  const wrong = data.find((logit) => !Number.isFinite(logit));
  if (wrong !== undefined) throw refuse("numeric", "finite logits", String(wrong));
}
