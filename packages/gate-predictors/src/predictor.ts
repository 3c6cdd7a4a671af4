import { type Tensor, zeros } from "@quee/tensor";
import { applyDense, flatten, rectify, turned } from "./dense-columns.js";
import type { DenseLayer, GateNetwork } from "./network.js";
import type { GateOutput } from "./training-graph.js";

/** h^j for a fixed list of candidate paths. @param features u, [n, width of u] @returns predicted error, [n, A] row-major */
export type Predictor = (features: Tensor) => Float32Array;

const outputOf: { readonly [O in GateOutput]: (value: number) => number } = {
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
  linear: (value) => value,
};

/** Pairs of image and candidate that go through the layers together: enough to be fast, few enough for the cache. */
const pairsAtOnce = 240;

/**
 * Prepares a gate for candidates: what depends on the path alone is computed here, once.
 * Exact, not an approximation: see `GateChains`.
 * @param candidates encoded paths, [A, width of p]
 */
export function preparePredictor(network: GateNetwork, candidates: Tensor, output: GateOutput = "sigmoid"): Predictor {
  const [candidateCount, encodingWidth] = candidates.shape;
  const runImage = chain(network.image);
  const runJoint = chain(network.joint);
  const width = network.joint[0].weight.shape[0];
  // W_p·p + b of every candidate, [width, A]
  const encoded = turned(candidates.data, candidateCount, encodingWidth);
  const fromPaths = chain(network.path)(encoded, candidateCount).slice();
  const sums = new Float64Array(pairsAtOnce * width);
  return ({ shape: [count, featureCount], data }) => {
    const predicted = zeros([count, candidateCount]).data;
    const fromImages = runImage(turned(data, count, featureCount), count); // [width, n]
    for (let first = 0; first < predicted.length; first += pairsAtOnce) {
      const pairs = Math.min(pairsAtOnce, predicted.length - first);
      for (let f = 0, to = 0; f < width; f++) {
        let image = Math.floor(first / candidateCount);
        let candidate = first % candidateCount;
        for (let pair = 0; pair < pairs; pair++) {
          sums[to++] = Math.max(0, fromImages[f * count + image] + fromPaths[f * candidateCount + candidate]);
          if (++candidate < candidateCount) continue;
          candidate = 0;
          image++;
        }
      }
      const logits = runJoint(sums, pairs);
      for (let pair = 0; pair < pairs; pair++) predicted[first + pair] = outputOf[output](logits[pair]);
    }
    return predicted;
  };
}

/**
 * Dense layers with ReLU between them, none behind the last, of `count` samples side by side. The result is overwritten by the
 * next call.
 */
function chain(layers: readonly DenseLayer[]): (input: Float64Array, count: number) => Float64Array {
  const flat = layers.map(flatten);
  const outputs = flat.map(() => new Float64Array(0));
  return (input, count) => {
    let x = input;
    for (const [l, layer] of flat.entries()) {
      const size = layer.outputs * count;
      if (outputs[l].length < size) outputs[l] = new Float64Array(size);
      if (l > 0) rectify(x, layer.inputs * count);
      applyDense(layer, x, outputs[l], count);
      x = outputs[l];
    }
    return x;
  };
}
