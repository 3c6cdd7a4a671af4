import type { Tensor } from "@quee/tensor";
import type { DenseLayer, GateNetwork } from "./network.js";

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** Weight [in, out], then bias [out]. */
  readonly theta: Float64Array;
  readonly gradient: Float64Array;
  readonly m: Float64Array;
  readonly v: Float64Array;
}

/** Reading A as the paper writes it, layer over layer on u‖p, trained in plain loops: squared error, Adam. Twin of `trainingGraph`. */
export function plainGate({ image, path, joint }: GateNetwork) {
  const [u, p] = [image[0], path[0]] as const;
  const first = layerOf(u.weight.shape[0] + p.weight.shape[0], p, [...u.weight.data, ...p.weight.data]);
  const layers = [first, ...joint.map((layer) => layerOf(layer.weight.shape[0], layer, layer.weight.data))];
  const width = u.weight.shape[0];
  let steps = 0;
  return {
    /** @param features of every pair, [B, A, U] @param targets [B, A] @returns the loss before the step */
    step(features: Float32Array, { shape: [pairs, own], data }: Tensor, targets: Float32Array, learningRate: number) {
      for (const { gradient } of layers) gradient.fill(0);
      let loss = 0;
      const x = new Float64Array(width + own);
      for (let n = 0; n < targets.length; n++) {
        for (let d = 0; d < width; d++) x[d] = features[n * width + d];
        for (let d = 0; d < own; d++) x[width + d] = data[(n % pairs) * own + d];
        const values = forward(layers, x);
        const h = 1 / (1 + Math.exp(-values[layers.length][0]));
        loss += (h - targets[n]) ** 2 / targets.length;
        backward(layers, values, (2 * (h - targets[n]) * h * (1 - h)) / targets.length);
      }
      steps++;
      for (const layer of layers) update(layer, steps, learningRate);
      return loss;
    },
  };
}

function layerOf(inputs: number, { bias }: DenseLayer, weight: Iterable<number>): Layer {
  const theta = Float64Array.from([...weight, ...(bias?.data ?? [])]);
  const [gradient, m, v] = [theta.map(() => 0), theta.map(() => 0), theta.map(() => 0)];
  return { inputs, outputs: theta.length / (inputs + 1), theta, gradient, m, v };
}

/** What goes into every layer, ReLU between them, and what comes out of the last. */
function forward(layers: readonly Layer[], x: Float64Array): readonly Float64Array[] {
  const values = [x];
  for (const [l, { inputs, outputs, theta }] of layers.entries()) {
    const y = theta.slice(inputs * outputs);
    for (let i = 0; i < inputs; i++) for (let o = 0; o < outputs; o++) y[o] += values[l][i] * theta[i * outputs + o];
    if (l < layers.length - 1) for (let o = 0; o < outputs; o++) y[o] = Math.max(0, y[o]);
    values.push(y);
  }
  return values;
}

function backward(layers: readonly Layer[], values: readonly Float64Array[], ofLogit: number): void {
  let dy = Float64Array.of(ofLogit);
  for (let l = layers.length - 1; l >= 0; l--) {
    const { inputs, outputs, theta, gradient } = layers[l];
    const x = values[l];
    const dx = new Float64Array(inputs);
    for (let o = 0; o < outputs; o++) gradient[inputs * outputs + o] += dy[o];
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        gradient[i * outputs + o] += x[i] * dy[o];
        if (l > 0 && x[i] > 0) dx[i] += theta[i * outputs + o] * dy[o];
      }
    }
    dy = dx;
  }
}

/** Adam: Kingma and Ba (arXiv 1412.6980), algorithm 1. */
function update({ theta, gradient, m, v }: Layer, steps: number, learningRate: number): void {
  for (let i = 0; i < theta.length; i++) {
    m[i] = 0.9 * m[i] + 0.1 * gradient[i];
    v[i] = 0.999 * v[i] + 0.001 * gradient[i] ** 2;
    theta[i] -= (learningRate * m[i]) / (1 - 0.9 ** steps) / (Math.sqrt(v[i] / (1 - 0.999 ** steps)) + 1e-8);
  }
}
