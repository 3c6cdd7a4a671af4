import { entropyRows, maxRows, type Tensor } from "@quee/tensor";

/** How sure a row of probabilities looks, from 0 (uniform) or near it to 1 (one class). */
export type Confidence = (probabilities: Tensor) => Float32Array;

/** The measures that exit by a threshold in the literature; in all of them more is surer. */
export type ConfidenceMeasure = keyof typeof confidences;

export const confidences = {
  /** max p: maximum softmax probability, the "thresholding" of QuEE (arXiv 2406.14404), section 5.4. */
  maxProbability: maxRows,
  /** 1 − H(p) / ln K: BranchyNet's entropy, turned so that more is surer. */
  entropy: (probabilities) => certaintyRows(probabilities),
  /** p₍₁₎ − p₍₂₎ */
  margin: marginRows,
  /** 1 − H(q) / ln K with q = p² / Σp², which JEI-DNN (ICLR 2024) feeds to its gates. */
  sharpenedEntropy: (probabilities) => certaintyRows(squaredRows(probabilities)),
} satisfies Record<string, Confidence>;

function certaintyRows(probabilities: Tensor): Float32Array {
  const classCount = probabilities.shape.at(-1) ?? 1;
  // One class leaves nothing to be unsure of, and ln 1 is no divisor.
  if (classCount === 1) return new Float32Array(probabilities.data.length).fill(1);
  return entropyRows(probabilities).map((entropy) => 1 - entropy / Math.log(classCount));
}

function marginRows({ shape, data }: Tensor): Float32Array {
  const width = shape.at(-1) ?? 1;
  return Float32Array.from({ length: data.length / width }, (_, row) => {
    let [first, second] = [0, 0];
    for (const p of data.subarray(row * width, (row + 1) * width)) {
      if (p > first) [first, second] = [p, first];
      else if (p > second) second = p;
    }
    return first - second;
  });
}

function squaredRows({ shape, data }: Tensor): Tensor {
  const width = shape.at(-1) ?? 1;
  const out = new Float32Array(data.length);
  for (let at = 0; at < data.length; at += width) {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += data[at + k] ** 2;
    for (let k = 0; k < width; k++) out[at + k] = data[at + k] ** 2 / sum;
  }
  return { shape, data: out };
}
