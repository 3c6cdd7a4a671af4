import type { Tensor } from "@quee/tensor";
import type { CalibratedBlock } from "../calibrate-blocks.js";
import type { ChainedSite } from "./chain-blocks.js";
import { type GradientMode, outputGradients } from "./output-gradients.js";

/** The gradient of an exit's own loss at its logits, in closed form. */
export function exitGradient(
  {
    gradient,
    labels,
    blocks,
  }: {
    readonly gradient: GradientMode;
    readonly labels: Int32Array | null;
    readonly blocks: readonly CalibratedBlock[];
  },
  { block, site }: ChainedSite,
  output: Tensor,
): Tensor {
  const bias = site.bias === null ? null : (blocks[block].graph.initializers.get(site.bias)?.data as Float32Array);
  const classes = output.shape[1];
  const includesBias = site.output === blocks[block].graph.nodes.find(({ name }) => name === site.node)?.outputs[0];
  const logits = output.data.map((value, i) => value + (bias === null || includesBias ? 0 : bias[i % classes]));
  const { count, at } = outputGradients(gradient, { shape: output.shape, data: logits }, labels);
  if (count === 1) return at(0);
  const squares = new Float64Array(logits.length);
  for (let s = 0; s < count; s++) {
    const { data } = at(s);
    for (let i = 0; i < data.length; i++) squares[i] += data[i] ** 2;
  }
  return { shape: output.shape, data: Float32Array.from(squares, Math.sqrt) };
}
