import type { GradientWriter } from "../gradient-writer.js";
import type { NodeOf } from "../operators.js";
import { refusal } from "../refusal.js";
import type { VjpRule } from "../vjp-rule.js";

interface Geometry {
  readonly group: number;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** All begins, then all ends, as in ONNX. */
  readonly pads: readonly number[];
  readonly kernel: readonly number[];
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/**
 * y = W ⋆ x + b: dX is the transposed convolution of dY; dW correlates x with dY, batch and channels exchanged, strides
 * and dilations exchanged; db = Σ dY.
 * Dumoulin and Visin, A guide to convolution arithmetic (arXiv 1603.07285), section 4.
 */
export const convRule: VjpRule<"Conv"> = (g, node, dY) => {
  const geometry = geometryOf(g, node);
  const spatialAxes = geometry.kernel.map((_, i) => i + 2);
  return [
    inputGradient(g, node.inputs[1], dY, geometry),
    weightGradient(g, node.inputs, dY, geometry),
    g.sum(dY, [0, ...spatialAxes], false),
  ];
};

function inputGradient(g: GradientWriter, weight: string, dY: string, geometry: Geometry): string {
  const { group, strides, dilations, pads, kernel, input, output } = geometry;
  const dims = kernel.length;
  // Rows at the far border that no window reached: the stride left them over.
  const leftOver = kernel.map((size, i) => {
    const [stride, dilation] = [strides[i] as number, dilations[i] as number];
    const padding = (pads[i] as number) + (pads[i + dims] as number);
    return (input[i] as number) - (((output[i] as number) - 1) * stride - padding + dilation * (size - 1) + 1);
  });
  return g.add("ConvTranspose", [dY, weight], { group, strides, dilations, pads, output_padding: leftOver });
}

/** Group i of x meets group i of dY: [B, g·C, …] becomes [C, g·B, …], [B, g·M, …] becomes the weights [g·M, B, …]. */
function weightGradient(g: GradientWriter, inputs: NodeOf<"Conv">["inputs"], dY: string, geometry: Geometry): string {
  const { group, strides, dilations, pads, kernel, input, output } = geometry;
  const [x, weight] = inputs;
  const [outChannels, inChannels] = g.shapeOf(weight) as readonly number[];
  const spatial = kernel.map((_, i) => i + 3);
  const images = g.transpose(g.reshape(x, [0, group, inChannels as number, ...input]), [2, 1, 0, ...spatial]);
  const filters = g.transpose(g.reshape(dY, [0, group, (outChannels as number) / group, ...output]), [
    1,
    2,
    0,
    ...spatial,
  ]);
  const correlated = g.add(
    "Conv",
    [g.reshape(images, [0, -1, ...input]), g.reshape(filters, [outChannels as number, -1, ...output])],
    { group, strides: dilations, dilations: strides, pads },
  );
  const axes = kernel.map((_, i) => i + 2);
  const zeros = axes.map(() => 0);
  const cropped = g.add("Slice", [correlated, g.int64(zeros), g.int64(kernel), g.int64(axes)]);
  return g.transpose(cropped, [1, 0, ...axes]);
}

function geometryOf(g: GradientWriter, node: NodeOf<"Conv">): Geometry {
  const {
    inputs: [x, weight],
    outputs: [y],
    attributes,
  } = node;
  if (attributes.auto_pad !== "NOTSET" && attributes.auto_pad !== "VALID") {
    throw refusal(node, "explicit pads", `auto_pad ${attributes.auto_pad}`);
  }
  const numbers = (value: string, from: number): readonly number[] => {
    const dims = g.shapeOf(value).slice(from);
    if (!dims.every((dim) => typeof dim === "number")) {
      throw refusal(node, `known lengths of the axes of "${value}"`, `[${dims.join(", ")}]`);
    }
    return dims;
  };
  const kernel = numbers(weight, 0).slice(2);
  const ones = kernel.map(() => 1);
  return {
    group: attributes.group,
    strides: attributes.strides ?? ones,
    dilations: attributes.dilations ?? ones,
    pads: attributes.pads ?? [...ones, ...ones].map(() => 0),
    kernel,
    input: numbers(x, 2),
    output: numbers(y, 2),
  };
}
