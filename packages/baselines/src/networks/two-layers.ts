import { fromTensor, type GraphBuilder } from "@quee/onnx-graph";
import { type Random, type Tensor, zeros } from "@quee/tensor";
import { denseRows } from "./dense-rows.js";

/** Linear(F → H) → ReLU → Linear(H → O) */
export interface TwoLayers {
  /** [F, H] */
  readonly hiddenWeight: Tensor;
  /** [H] */
  readonly hiddenBias: Tensor;
  /** [H, O] */
  readonly outputWeight: Tensor;
  /** [O] */
  readonly outputBias: Tensor;
}

export const twoLayerParameters = ["hiddenWeight", "hiddenBias", "outputWeight", "outputBias"] as const;

export interface TwoLayersSize {
  /** F */
  readonly inputs: number;
  /** H */
  readonly hidden: number;
  /** O */
  readonly outputs: number;
}

/** Weights and biases uniform in ±1/√fan-in, the usual start of a linear layer. */
export function initialTwoLayers({ inputs, hidden, outputs }: TwoLayersSize, random: Random): TwoLayers {
  const draw = (shape: readonly number[], fanIn: number): Tensor => {
    const values = zeros(shape);
    for (let i = 0; i < values.data.length; i++) values.data[i] = (2 * random.uniform() - 1) / Math.sqrt(fanIn);
    return values;
  };
  return {
    hiddenWeight: draw([inputs, hidden], inputs),
    hiddenBias: draw([hidden], inputs),
    outputWeight: draw([hidden, outputs], hidden),
    outputBias: draw([outputs], hidden),
  };
}

export function twoLayersFrom(parameters: ReadonlyMap<string, Tensor>): TwoLayers {
  const [hiddenWeight, hiddenBias, outputWeight, outputBias] = twoLayerParameters.map(
    (name) => parameters.get(name) as Tensor,
  );
  return { hiddenWeight, hiddenBias, outputWeight, outputBias };
}

export function twoLayerMacs({ inputs, hidden, outputs }: TwoLayersSize): number {
  return inputs * hidden + hidden * outputs;
}

/**
 * Writes the network with its parameters as initializers. @param input [B, F]
 * @param kept [B, H] factors of the hidden units (dropout), or null @returns the name of [B, O]
 */
export function writeTwoLayers(builder: GraphBuilder, network: TwoLayers, input: string, kept: string | null): string {
  for (const name of twoLayerParameters) builder.initializer(name, fromTensor(network[name]));
  const hidden = builder.add("Relu", [builder.plus(builder.matMul(input, "hiddenWeight"), "hiddenBias")]);
  const passed = kept === null ? hidden : builder.times(hidden, kept);
  return builder.plus(builder.matMul(passed, "outputWeight"), "outputBias");
}

/** @param input [n, F] @returns [n, O] */
export function applyTwoLayers(network: TwoLayers, input: Tensor): Tensor {
  const hidden = denseRows(input, network.hiddenWeight, network.hiddenBias);
  for (let i = 0; i < hidden.data.length; i++) hidden.data[i] = Math.max(0, hidden.data[i]);
  return denseRows(hidden, network.outputWeight, network.outputBias);
}
