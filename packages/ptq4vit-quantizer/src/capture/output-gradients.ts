import { QueeError } from "@quee/core";
import { argmaxRows, softmaxRows, type Tensor } from "@quee/tensor";
import { notFinite } from "../not-finite.js";

/**
 * Which loss g is the gradient of, all at the float network:
 * `ce-pseudo`: cross-entropy against the network's own answers, PTQ4ViT's formula without labels;
 * `ce-label`: cross-entropy against labels, the empirical Fisher information;
 * `fisher`: g² = Σ_c p_c·(∂log p_c/∂y)², the exact diagonal of the Gauss-Newton Hessian; as many passes as classes.
 */
export type GradientMode = "ce-pseudo" | "ce-label" | "fisher";

/** Gradients of the loss of each image with respect to its logits, worked out one after the other: those of a thousand classes are many. */
export interface OutputGradients {
  /** Of several, the squares of what they lead to add up. */
  readonly count: number;
  /** [N, K] */
  at(index: number): Tensor;
}

/**
 * @param logits [N, K] @param labels [N], for `ce-label`
 * @throws QueeError of kind numeric where a logit is not finite
 */
export function outputGradients(mode: GradientMode, logits: Tensor, labels: Int32Array | null): OutputGradients {
  const odd = logits.data.find((value) => !Number.isFinite(value));
  if (odd !== undefined) throw notFinite("logits of the float network", String(odd));
  const [count, classes] = logits.shape as [number, number];
  const probabilities = softmaxRows(logits).data;
  const minusOneHot = (target: (n: number) => number, weight: (n: number) => number): Tensor => ({
    shape: logits.shape,
    data: probabilities.map((p, i) => {
      const n = Math.floor(i / classes);
      return weight(n) * (p - (i % classes === target(n) ? 1 : 0));
    }),
  });
  const against = (answers: ArrayLike<number>): OutputGradients => ({
    count: 1,
    at: () =>
      minusOneHot(
        (n) => answers[n],
        () => 1,
      ),
  });
  switch (mode) {
    case "ce-pseudo":
      return against(argmaxRows(logits));
    case "ce-label":
      if (labels === null || labels.length !== count) throw noLabels(count, labels);
      return against(labels);
    case "fisher":
      return {
        count: classes,
        at: (c) =>
          minusOneHot(
            () => c,
            (n) => Math.sqrt(probabilities[n * classes + c]),
          ),
      };
  }
}

function noLabels(count: number, labels: Int32Array | null): QueeError {
  return new QueeError({
    code: "E_LABELS",
    kind: "config",
    where: "gradient ce-label",
    expected: `a label for each of ${count} calibration images`,
    got: labels === null ? "none" : `${labels.length}`,
  });
}
