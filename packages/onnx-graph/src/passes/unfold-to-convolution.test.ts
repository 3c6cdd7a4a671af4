import { expect, test } from "vitest";
import { GraphBuilder } from "../builder.js";
import type { Graph } from "../graph.js";
import { opsOf } from "../interpret.test.support.js";
import { unfoldToConvolution } from "./unfold-to-convolution.js";

interface Settings {
  readonly rows?: readonly number[];
  readonly pads?: readonly number[];
  readonly mode?: string;
  readonly fill?: number;
}

/** 2×2 windows with stride 2 over a 4×4 image, padded to 6×6. */
function exported({ rows = [0, 2, 4, 1, 3, 5], pads = [0, 0, 1, 1, 0, 0, 1, 1], mode, fill }: Settings = {}): Graph {
  const g = new GraphBuilder("unfold");
  const x = g.input("x", ["batch", 3, 4, 4]);
  const index = (name: string, values: readonly number[]) =>
    g.initializer(name, { dtype: "int64", dims: [2, 3], data: BigInt64Array.from(values, BigInt) });
  const padInputs = fill === undefined ? [x, g.int64(pads)] : [x, g.int64(pads), g.scalar(fill)];
  const padded = g.add("Pad", padInputs, mode === undefined ? {} : { mode });
  const gathered = g.add("Gather", [padded, index("rows", rows)], { axis: 2 });
  const windows = g.add("Gather", [gathered, index("columns", [0, 2, 4, 1, 3, 5])], { axis: 4 });
  g.output(g.transpose(windows, [0, 1, 2, 4, 3, 5], "/split/Transpose"));
  return g.build();
}

test("im2col becomes a depthwise convolution with one kernel per place of the window", () => {
  const graph = unfoldToConvolution.apply(exported());
  expect(opsOf(graph)).toEqual(["Pad", "Gather", "Gather", "Conv", "Reshape"]);
  const conv = graph.nodes[3];
  expect(Object.fromEntries(conv.attributes)).toEqual({
    group: { kind: "int", value: 3 },
    kernel_shape: { kind: "ints", value: [2, 2] },
    strides: { kind: "ints", value: [2, 2] },
    dilations: { kind: "ints", value: [1, 1] },
    pads: { kind: "ints", value: [1, 1, 1, 1] },
  });
  const kernels = graph.initializers.get(conv.inputs[1]);
  expect(kernels?.dims).toEqual([12, 1, 2, 2]);
  // Channel 0: top left, top right, bottom left, bottom right.
  expect(Array.from(kernels?.data ?? [], Number).slice(0, 16)).toEqual([
    1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1,
  ]);
});

test.each<[string, Settings]>([
  ["indices without a pattern", { rows: [0, 2, 4, 1, 3, 4] }],
  ["windows that leave out the last one", { pads: [0, 0, 1, 1, 0, 0, 3, 1] }],
])("%s stay a Gather", (_, settings) => {
  const graph = exported(settings);
  expect(unfoldToConvolution.apply(graph)).toBe(graph);
});

test.each<[string, Settings]>([
  ["a fill value", { fill: 1 }],
  ["reflecting padding", { mode: "reflect" }],
  ["padded channels", { pads: [0, 1, 1, 1, 0, 0, 1, 1] }],
])("%s stays a Pad, with a convolution without padding behind it", (_, settings) => {
  const conv = unfoldToConvolution.apply(exported(settings)).nodes.find(({ op }) => op === "Conv");
  expect(conv?.inputs[0]).toBe("pad");
  expect(conv?.attributes.get("pads")).toEqual({ kind: "ints", value: [0, 0, 0, 0] });
});
