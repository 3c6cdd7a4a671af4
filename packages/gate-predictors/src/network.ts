import { type Random, type Tensor, zeros } from "@quee/tensor";
import {
  type GateArchitecture,
  type GateChains,
  type LayerSize,
  layerSizes,
  type NetworkWidths,
  widthsOf,
} from "./architecture.js";

/** y = x·W + b */
export interface DenseLayer {
  /** [in, out] */
  readonly weight: Tensor;
  /** [out]; null where the other half of a split layer holds it */
  readonly bias: Tensor | null;
}

export type GateNetwork = GateChains<DenseLayer>;

/** The names of the chains, in the order in which parameters are drawn and stored. */
export const CHAINS = ["image", "path", "joint"] as const;

/** Weights and biases uniform in ±1/√fan-in, the usual start of a linear layer. */
export function initialNetwork(architecture: GateArchitecture, random: Random): GateNetwork {
  return drawNetwork(widthsOf(architecture), random);
}

export function drawNetwork(widths: NetworkWidths, random: Random): GateNetwork {
  const draw = (shape: readonly number[], fanIn: number): Tensor => {
    const values = zeros(shape);
    const bound = 1 / Math.sqrt(fanIn);
    for (let i = 0; i < values.data.length; i++) values.data[i] = (2 * random.uniform() - 1) * bound;
    return values;
  };
  return mapChains(layerSizes(widths), ({ inputs, outputs, bias, fanIn }) => ({
    weight: draw([inputs, outputs], fanIn),
    bias: bias ? draw([outputs], fanIn) : null,
  }));
}

export function mapChains<From, To>(
  chains: GateChains<From>,
  change: (layer: From, name: string) => To,
): GateChains<To> {
  const map = (chain: (typeof CHAINS)[number]) => chains[chain].map((layer, i) => change(layer, `${chain}.${i}`));
  return { image: map("image"), path: map("path"), joint: map("joint") };
}

/** `image.0.weight`, `path.0.bias`, …: the parameters of a network by name. */
export function parametersOf(network: GateNetwork): ReadonlyMap<string, Tensor> {
  const parameters = new Map<string, Tensor>();
  mapChains(network, ({ weight, bias }, name) => {
    parameters.set(`${name}.weight`, weight);
    if (bias !== null) parameters.set(`${name}.bias`, bias);
  });
  return parameters;
}

/** The network whose parameters are those. `find` is asked for a name and the shape that it must have. */
export function networkFrom(
  widths: NetworkWidths,
  find: (name: string, shape: readonly number[]) => Tensor,
): GateNetwork {
  return mapChains(layerSizes(widths), ({ inputs, outputs, bias }: LayerSize, name) => ({
    weight: find(`${name}.weight`, [inputs, outputs]),
    bias: bias ? find(`${name}.bias`, [outputs]) : null,
  }));
}
