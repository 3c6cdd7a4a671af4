import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import type { Dim } from "../graph.js";
import { ramp } from "../interpret.test.support.js";
import { fixImageSize } from "./fix-image-size.js";

/** Patches of 4 pixels, and positions for so many of them. */
function network(shape: readonly Dim[], positions: number | null) {
  const g = new GraphBuilder("open");
  const x = g.input("pixel_values", shape);
  const map = g.add("Conv", [x, g.initializer("w", ramp(5, 3, 4, 4))], { kernel_shape: [4, 4], strides: [4, 4] });
  const tokens = g.transpose(g.reshape(map, [0, 5, -1]), [0, 2, 1]);
  g.output(positions === null ? tokens : g.plus(tokens, g.initializer("positions", ramp(1, positions, 5))));
  return g.build();
}

test("nine positions in patches of four pixels are 12×12 images", () => {
  const graph = network(["batch_size", "num_channels", "height", "width"], 9);
  expect(fixImageSize.apply(graph).inputs[0]?.shape).toEqual(["batch_size", 3, 12, 12]);
});

test.each([
  ["no positions", network(["b", "c", "h", "w"], null)],
  ["positions of no square", network(["b", "c", "h", "w"], 7)],
  ["a size that is fixed", network(["b", 3, 12, 12], 9)],
])("%s: the input stays as it is", (_, graph) => {
  expect(fixImageSize.apply(graph)).toBe(graph);
});
