import type { Reading } from "./architecture.js";
import type { DenseLayer, GateNetwork } from "./network.js";

/** The predictor as the paper writes it, over the concatenation u‖p, with nothing shared. Twin of `preparePredictor`. */
export function forwardPlainly(
  reading: Reading,
  network: GateNetwork,
  u: readonly number[],
  p: readonly number[],
): number {
  const { image, path, joint } = network;
  const inner =
    reading === "C"
      ? dense(stacked(image[1], path[1]), [...relu(dense(image[0], u)), ...relu(dense(path[0], p))])
      : dense(stacked(image[0], path[0]), [...u, ...p]);
  const [logit] = joint.reduce((x, layer) => dense(layer, relu(x)), inner);
  return 1 / (1 + Math.exp(-logit));
}

/** One layer over a concatenation from its two halves: their weights above each other, and the bias of either. */
function stacked(upper: DenseLayer, lower: DenseLayer): DenseLayer {
  const [inputs, outputs] = upper.weight.shape;
  const shape = [inputs + lower.weight.shape[0], outputs];
  const data = Float32Array.from([...upper.weight.data, ...lower.weight.data]);
  return { weight: { shape, data }, bias: upper.bias ?? lower.bias };
}

function dense({ weight, bias }: DenseLayer, x: readonly number[]): number[] {
  const [inputs, outputs] = weight.shape;
  if (inputs !== x.length) throw new Error(`a layer for ${inputs} inputs got ${x.length}`);
  return Array.from({ length: outputs }, (_, o) =>
    x.reduce((sum, value, i) => sum + value * weight.data[i * outputs + o], bias?.data[o] ?? 0),
  );
}

function relu(x: readonly number[]): number[] {
  return x.map((value) => Math.max(0, value));
}
