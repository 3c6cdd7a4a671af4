import { readFileSync } from "node:fs";
import { decodeModel, encodeModel } from "@quee/onnx-codec";
import { cleanGraph, consumersOf, type Graph, GraphBuilder, inferShapes, verifyGraph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { randomStream, type Tensor } from "@quee/tensor";
import { developmentFiles, expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";

const path = developmentFiles("QUEE_MODELS", "t2t-vit-7-cifar10", "model.onnx");
const raw = (): Graph => decodeModel(readFileSync(path as string));

function images(shape: readonly number[], seed: number): Tensor {
  const random = randomStream(seed, "images");
  return { shape, data: new Float32Array(shape.reduce((size, dim) => size * dim, 1)).map(() => random.normal()) };
}

function opsOf(graph: Graph): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { op } of graph.nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  return counts;
}

async function outputsOf(graph: Graph, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await openSession(graph);
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** The cleaned graph computes what the raw one does, to float32 rounding. */
async function expectSameOutputs(graph: Graph, feeds: Record<string, Tensor>, atol: number): Promise<void> {
  const [before, after] = [await outputsOf(graph, feeds), await outputsOf(cleanGraph(graph), feeds)];
  expect(Object.keys(after)).toEqual(Object.keys(before));
  for (const [name, value] of Object.entries(before)) {
    expect(after[name]?.shape).toEqual(value.shape);
    expectAllclose(after[name]?.data ?? new Float32Array(), value.data, { rtol: 0, atol });
  }
}

test.skipIf(path === null)("the exported T2T-ViT-7 loses its detours and keeps its dynamic batch", () => {
  const graph = raw();
  const clean = cleanGraph(graph);
  verifyGraph(clean);
  expect(graph.nodes.length).toBe(763);
  expect(clean.nodes.length).toBeLessThanOrEqual(300);
  const ops = opsOf(clean);
  for (const op of "Constant Shape Einsum Range Expand Tile ConstantOfShape Where Equal Cast Conv".split(" ")) {
    expect([op, ops.get(op) ?? 0]).toEqual([op, 0]);
  }
  // What is left of Gather takes the queries, keys and values apart (3 per layer), the windows of the soft splits, and the class token.
  expect(ops.get("Gather")).toBe(3 * 7 + 3 + 1);
  expect(ops.get("LayerNormalization")).toBe(19);
  expect(ops.get("Erf")).toBe(9);
  const types = inferShapes(clean);
  expect(types.get("logits")).toEqual({ dtype: "float32", shape: ["batch", 10] });
  for (const node of clean.nodes) {
    for (const name of node.outputs) expect(types.get(name)?.shape, name).toContain("batch");
  }
  // Nothing dead is left behind.
  const consumers = consumersOf(clean);
  for (const name of clean.initializers.keys()) expect(consumers.has(name), name).toBe(true);
});

test.skipIf(path === null)("cleaning the cleaned T2T-ViT-7 changes nothing, and it survives the codec", () => {
  const clean = cleanGraph(raw());
  expect(cleanGraph(clean)).toBe(clean);
  const again = decodeModel(encodeModel(clean));
  expect(cleanGraph(again).nodes).toEqual(clean.nodes);
});

test.skipIf(path === null).each([1, 5])("raw and cleaned T2T-ViT-7 give the same logits at batch %i", async (batch) => {
  await expectSameOutputs(raw(), { pixel_values: images([batch, 3, 64, 64], batch) }, 1e-4);
});

test("einsums of every lowered form keep their outputs", async () => {
  const g = new GraphBuilder("einsums");
  const a = g.input("a", ["batch", 5, 4]);
  const b = g.input("b", ["batch", 6, 4]);
  const c = g.input("c", ["batch", 4]);
  const w = g.tensor(
    "w",
    [3, 4],
    Float32Array.from({ length: 12 }, (_, i) => i / 7 - 0.6),
  );
  const einsum = (equation: string, ...inputs: string[]) => {
    const name = equation.replace(/[^a-z]+/g, "_");
    g.output(g.add("Einsum", inputs, { equation }, name));
  };
  einsum("bti,mi->btm", a, w);
  einsum("bti,mi->bmt", a, w);
  einsum("mi,bti->btm", w, a);
  einsum("bti,bsi->bts", a, b);
  einsum("bti,bsi->bst", a, b);
  einsum("bti,bi->bt", a, c);
  einsum("bi,bti->bt", c, a);
  einsum("bti,bti->bt", a, a);
  einsum("bti,mi->bm", a, w);
  einsum("bti->bit", a);
  einsum("bti->b", a);
  einsum("bti,bsi->b", a, b);
  einsum("...i,mi->...m", a, w);
  const graph = g.build();
  expect(opsOf(cleanGraph(graph)).get("Einsum")).toBeLessThanOrEqual(2);
  await expectSameOutputs(graph, { a: images([2, 5, 4], 1), b: images([2, 6, 4], 2), c: images([2, 4], 3) }, 1e-5);
});

/** What the exporter makes of `torch.nn.Unfold`. */
function unfold(
  g: GraphBuilder,
  x: string,
  kernel: number,
  stride: number,
  dilation: number,
  pad: number,
  size: number,
) {
  const count = Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1;
  const indices = Array.from({ length: kernel }, (_, i) =>
    Array.from({ length: count }, (_, j) => i * dilation + j * stride),
  ).flat();
  const at = g.add("Reshape", [g.int64(indices), g.int64([kernel, count])]);
  const padded = g.add("Pad", [x, g.int64([0, 0, pad, pad, 0, 0, pad, pad])]);
  const windows = g.add("Gather", [g.add("Gather", [padded, at], { axis: 2 }), at], { axis: 4 });
  return g.reshape(g.transpose(windows, [0, 1, 2, 4, 3, 5]), [0, 3 * kernel * kernel, -1]);
}

test.each([
  [3, 2, 1, 1],
  [7, 4, 1, 2],
  [2, 2, 1, 0],
  [3, 1, 2, 2],
])("unfold with kernel %i, stride %i, dilation %i, padding %i is a depthwise convolution", async (...settings) => {
  const g = new GraphBuilder("unfold");
  const [kernel, stride, dilation, pad] = settings;
  g.output(unfold(g, g.input("x", ["batch", 3, 16, 16]), kernel, stride, dilation, pad, 16));
  const clean = cleanGraph(g.build());
  expect(clean.nodes.map(({ op }) => op)).toEqual(["Conv", "Reshape"]);
  await expectSameOutputs(g.build(), { x: images([2, 3, 16, 16], 4) }, 0);
});

test("a class token is added, not concatenated, with and without position embedding", async () => {
  const g = new GraphBuilder("tokens");
  const x = g.input("x", ["batch", 4, 3]);
  const token = g.tensor("token", [1, 1, 3], Float32Array.of(0.5, -1, 2));
  const batch = g.add("Slice", [g.add("Shape", [x]), g.int64([0]), g.int64([1])]);
  const rows = g.add("Expand", [token, g.add("Concat", [batch, g.int64([1, 3])], { axis: 0 })]);
  const position = g.tensor(
    "position",
    [1, 5, 3],
    Float32Array.from({ length: 15 }, (_, i) => i / 3),
  );
  g.output(g.plus(position, g.add("Concat", [rows, x], { axis: 1 }), "first"));
  g.output(g.add("Concat", [x, rows], { axis: 1 }, "last"));
  const ops = opsOf(cleanGraph(g.build()));
  expect([...ops]).toEqual([
    ["Pad", 2],
    ["Add", 2],
  ]);
  await expectSameOutputs(g.build(), { x: images([3, 4, 3], 5) }, 0);
});
