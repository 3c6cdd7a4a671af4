import type { Tensor } from "@quee/tensor";
import { notFinite } from "../not-finite.js";

/**
 * KL(p ‖ q) of each row in nats, p and q the softmax of logits, in float64.
 * @param p [N, K] @param q [N, K] @returns [N]
 * @throws QueeError of kind numeric where logits are not finite
 */
export function klDivergences(p: Tensor, q: Tensor): Float64Array {
  const [count, classes] = p.shape as [number, number];
  return Float64Array.from({ length: count }, (_, n) => {
    const ofP = logSoftmax(p.data.subarray(n * classes, (n + 1) * classes));
    const ofQ = logSoftmax(q.data.subarray(n * classes, (n + 1) * classes));
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(ofP[k]) * (ofP[k] - ofQ[k]);
    if (!Number.isFinite(sum)) throw notFinite(`logits of image ${n}`, `a divergence of ${sum}`);
    return Math.max(0, sum);
  });
}

function logSoftmax(logits: Float32Array): Float64Array {
  let most = Number.NEGATIVE_INFINITY;
  for (const x of logits) most = Math.max(most, x);
  let sum = 0;
  for (const x of logits) sum += Math.exp(x - most);
  const norm = most + Math.log(sum);
  return Float64Array.from(logits, (x) => x - norm);
}
