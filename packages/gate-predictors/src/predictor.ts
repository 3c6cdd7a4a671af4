import { type Tensor, zeros } from "@quee/tensor";
import type { DenseLayer, GateNetwork } from "./network.js";

/** h^j for a fixed list of candidate paths. @param features u, [n, 2C + 4] @returns predicted error, [n, A] row-major */
export type Predictor = (features: Tensor) => Float32Array;

/**
 * Prepares a gate for candidates: what depends on the path alone is computed here, once.
 * Exact, not an approximation: see `GateChains`.
 * @param candidates encoded paths, [A, E + 1]
 */
export function preparePredictor(network: GateNetwork, candidates: Tensor): Predictor {
  const [candidateCount, encodingWidth] = candidates.shape;
  const runPath = chain(network.path);
  const table = Array.from({ length: candidateCount }, (_, a) =>
    Float64Array.from(runPath(Float64Array.from(candidates.data.subarray(a * encodingWidth, (a + 1) * encodingWidth)))),
  );
  const runImage = chain(network.image);
  const runJoint = chain(network.joint);
  const sum = new Float64Array(table[0]?.length ?? 0);
  return (features) => {
    const [count, width] = features.shape;
    const predicted = zeros([count, candidateCount]).data;
    for (let i = 0; i < count; i++) {
      const fromImage = runImage(features.data.subarray(i * width, (i + 1) * width));
      for (let a = 0; a < candidateCount; a++) {
        const fromPath = table[a];
        for (let f = 0; f < sum.length; f++) sum[f] = Math.max(0, fromImage[f] + fromPath[f]);
        predicted[i * candidateCount + a] = sigmoid(runJoint(sum)[0]);
      }
    }
    return predicted;
  };
}

/** Dense layers with ReLU between them, none behind the last. The result is overwritten by the next call. */
function chain(layers: readonly DenseLayer[]): (input: Float32Array | Float64Array) => Float64Array {
  const buffers = layers.map(({ weight }) => new Float64Array(weight.shape[1]));
  return (input) => {
    let x: Float32Array | Float64Array = input;
    layers.forEach((layer, l) => {
      if (l > 0) for (let f = 0; f < x.length; f++) x[f] = Math.max(0, x[f]);
      applyDense(layer, x, buffers[l]);
      x = buffers[l];
    });
    return buffers[layers.length - 1];
  };
}

function applyDense({ weight, bias }: DenseLayer, x: Float32Array | Float64Array, out: Float64Array): void {
  const width = out.length;
  if (bias === null) out.fill(0);
  else out.set(bias.data);
  for (let i = 0; i < x.length; i++) {
    const value = x[i];
    // ReLU leaves many zeros.
    if (value === 0) continue;
    for (let o = 0; o < width; o++) out[o] += value * weight.data[i * width + o];
  }
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
