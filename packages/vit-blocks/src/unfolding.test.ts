import { constant, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { expect, test } from "vitest";
import { isUnfolding } from "./unfolding.js";

/** A depthwise convolution of 2 channels with 2×2 kernels that pick pixel i, but for `change`. */
function convolution(change: (kernel: Float32Array) => void = () => {}, bias: readonly string[] = []): Graph {
  const builder = new GraphBuilder("conv");
  const kernel = Float32Array.from({ length: 8 * 4 }, (_, i) => (Math.floor(i / 4) % 4 === i % 4 ? 1 : 0));
  change(kernel);
  const image = builder.input("x", ["batch", 2, 4, 4]);
  const weight = builder.initializer("kernel", constant([8, 1, 2, 2], kernel));
  for (const name of bias) builder.initializer(name, constant([8], new Float32Array(8)));
  builder.output(builder.add("Conv", [image, weight, ...bias], { group: 2, kernel_shape: [2, 2] }));
  return builder.build();
}

test("kernels that each copy one pixel unfold", () => {
  const graph = convolution();
  expect(isUnfolding(graph, graph.nodes[0]!)).toBe(true);
});

test.each([
  ["a kernel that scales", convolution((kernel) => (kernel[0] = 0.5))],
  ["a kernel that sums two pixels", convolution((kernel) => (kernel[1] = 1))],
  ["a kernel of zeros", convolution((kernel) => (kernel[0] = 0))],
  ["a bias", convolution(undefined, ["bias"])],
])("%s does not", (_, graph) => {
  expect(isUnfolding(graph, graph.nodes[0]!)).toBe(false);
});
