import type { GateView } from "@quee/core";
import { entropyRows, maxRows, type Tensor, tensor } from "@quee/tensor";
import { type ExtraFeature, extraColumns, extraFeatureCount } from "./extra-features.js";
import { noGateHere } from "./no-gate-here.js";

/** Width of u for C classes. */
export function gateFeatureCount(classCount: number, extras: readonly ExtraFeature[] = []): number {
  return 2 * classCount + 4 + extraFeatureCount(extras);
}

/**
 * u = p̂_now ‖ p̂_before ‖ H(p̂_now) ‖ H(p̂_before) ‖ max p̂_before ‖ max p̂_now, entropies in nats.
 * QuEE (arXiv 2406.14404), equation 13. At the second gate nothing came before: those places hold zeros, a constant for that
 * gate, and each gate has a network of its own. Extras stand behind.
 * @returns [n, 2C + 4 + extras]
 */
export function gateFeatures(view: GateView, extras: readonly ExtraFeature[] = []): Tensor {
  const { prefix, count, classCount, history } = view;
  const now = history.at(-1);
  if (now === undefined) throw noGateHere(prefix);
  const before = history.at(-2);
  const width = gateFeatureCount(classCount, extras);
  const features = new Float32Array(count * width);
  const [entropyNow, maxNow] = statistics(now, count, classCount);
  const [entropyBefore, maxBefore] = before === undefined ? [] : statistics(before, count, classCount);
  for (let i = 0; i < count; i++) {
    const at = i * width;
    const from = i * classCount;
    features.set(now.subarray(from, from + classCount), at);
    features[at + 2 * classCount] = entropyNow[i];
    features[at + 2 * classCount + 3] = maxNow[i];
    if (before === undefined || entropyBefore === undefined || maxBefore === undefined) continue;
    features.set(before.subarray(from, from + classCount), at + classCount);
    features[at + 2 * classCount + 1] = entropyBefore[i];
    features[at + 2 * classCount + 2] = maxBefore[i];
  }
  let column = gateFeatureCount(classCount);
  for (const { shape, data } of extraColumns(view, extras)) {
    const own = shape[1];
    for (let i = 0; i < count; i++) features.set(data.subarray(i * own, (i + 1) * own), i * width + column);
    column += own;
  }
  return { shape: [count, width], data: features };
}

function statistics(probabilities: Float32Array, count: number, classCount: number): [Float32Array, Float32Array] {
  const rows = tensor([count, classCount], probabilities);
  return [entropyRows(rows), maxRows(rows)];
}
