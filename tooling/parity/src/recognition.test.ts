import { differentiate } from "@quee/onnx-autodiff";
import { cleanGraph, type Graph, GraphBuilder, inferShapes } from "@quee/onnx-graph";
import { openSession, type Tensors } from "@quee/onnx-session";
import { randomStream, type Tensor, tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { analyzeVit, attachHead, cutBlocks, type Pooling, quantizableSites } from "@quee/vit-blocks";
import { expect, test } from "vitest";
import { exportedNetworks, handBuiltNetworks, type RawNetwork } from "./recognition-graphs.js";

const networks = [...exportedNetworks(), ...handBuiltNetworks()];
const [CHANNELS, SIDE] = [3, 16];

async function run(graph: Graph, feeds: Tensors): Promise<Record<string, Tensor>> {
  const session = await openSession(graph);
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

function images(count: number): Tensor {
  const random = randomStream(4, "images");
  const data = Float32Array.from({ length: count * CHANNELS * SIDE * SIDE }, () => random.normal());
  return tensor([count, CHANNELS, SIDE, SIDE], data);
}

/** The logits of the file as it is, as many images at a time as it was exported for. */
async function rawLogits(raw: Graph, pixels: Tensor): Promise<Float32Array> {
  const exported = raw.inputs[0]?.shape?.[0];
  const count = pixels.shape[0] as number;
  const step = typeof exported === "number" ? exported : count;
  const rows: number[] = [];
  for (let i = 0; i < count; i += step) {
    const size = CHANNELS * SIDE * SIDE;
    const part = tensor([step, CHANNELS, SIDE, SIDE], pixels.data.slice(i * size, (i + step) * size));
    rows.push(...(await run(raw, { pixel_values: part }))["logits"]!.data);
  }
  return Float32Array.from(rows);
}

/** The logits that come out when the blocks run one after the other. */
async function blockLogits(graph: Graph, exits: readonly number[], pixels: Tensor): Promise<Float32Array> {
  const anatomy = analyzeVit(graph);
  let feed = pixels;
  let logits: Tensor | undefined;
  for (const block of cutBlocks(graph, anatomy, exits)) {
    const outputs = await run(attachHead(block, anatomy.head), { [block.input]: feed });
    if (block.hasHiddenStates) feed = outputs["hidden_states"]!;
    logits = outputs["logits"];
  }
  return logits?.data as Float32Array;
}

test.each(networks)("$name ($madeBy): cleaned and in blocks it gives its logits, for any batch", async ({ graph }) => {
  const pixels = images(4);
  const expected = await rawLogits(graph, pixels);
  const clean = cleanGraph(graph);
  const input = clean.inputs[0]?.name as string;
  const cleaned = (await run(clean, { [input]: pixels }))["logits"]!;
  expect(cleaned.shape).toEqual([4, 3]);
  expectAllclose(cleaned.data, expected, { rtol: 1e-4, atol: 1e-5 });
  expectAllclose(await blockLogits(clean, [1, 2], pixels), expected, { rtol: 1e-4, atol: 1e-5 });
  expectAllclose(await blockLogits(clean, [2], pixels), expected, { rtol: 1e-4, atol: 1e-5 });
});

test.each(networks)("$name ($madeBy): cleaned it is opset 17, has no detours, and knows every shape", ({ graph }) => {
  const clean = cleanGraph(graph);
  expect(clean.opsets.get("")).toBe(17);
  expect(cleanGraph(clean)).toBe(clean);
  const detours = "Attention MultiHeadAttention BatchNormalization Shape Expand Einsum Cast Constant ReduceVar".split(
    " ",
  );
  expect(clean.nodes.filter(({ op }) => detours.includes(op)).map(({ op }) => op)).toEqual([]);
  const unknown = [...inferShapes(clean)].filter(([, { shape }]) => shape === null || shape.includes(null));
  expect(unknown.map(([name]) => name)).toEqual([]);
});

test.each(networks)("$name ($madeBy): an exit behind layer 1 pools as the network does", ({ graph }) => {
  const clean = cleanGraph(graph);
  const anatomy = analyzeVit(clean);
  const [first, last] = cutBlocks(clean, anatomy, [1, 2]);
  const tail = (block: Graph | undefined) => {
    const layers = new Set(anatomy.layers.flatMap(({ nodes }) => [...nodes]));
    const stem = new Set(clean.nodes.slice(0, firstLayerNode(clean, layers)).map(({ name }) => name));
    return block?.nodes.filter(({ name }) => !layers.has(name) && !stem.has(name)).map(({ op }) => op);
  };
  expect(tail(first?.graph)).toEqual(tail(last?.graph));
  expect(inferShapes(first!.graph).get("exit_features")?.shape).toEqual(["batch", anatomy.featureWidth]);
});

function firstLayerNode(graph: Graph, layers: ReadonlySet<string>): number {
  return graph.nodes.findIndex(({ name }) => layers.has(name));
}

test.each(networks)("$name ($madeBy): what is quantized has the batch as its first axis", ({ graph }) => {
  const clean = cleanGraph(graph);
  const shapes = inferShapes(clean);
  const [batch] = clean.inputs[0]?.shape ?? [];
  const values = quantizableSites(clean).flatMap(({ activations, output }) => [...activations, output]);
  expect(values.filter((name) => shapes.get(name)?.shape?.[0] !== batch)).toEqual([]);
});

test.each(networks)("$name ($madeBy): its logits have a gradient at the first layer", ({ graph }) => {
  const builder = GraphBuilder.from(cleanGraph(graph));
  builder.clearOutputs();
  const squares = builder.times("logits", "logits");
  builder.output(builder.add("ReduceMean", [squares], { keepdims: 0 }, "loss"), []);
  const whole = builder.build();
  const { stemOutput, tokens, width } = analyzeVit(cleanGraph(graph));
  const { graph: backward, gradients } = differentiate(whole, { loss: "loss", withRespectTo: [stemOutput] });
  const [batch] = whole.inputs[0]?.shape ?? [];
  expect(inferShapes(backward).get(gradients.get(stemOutput) as string)?.shape).toEqual([batch, tokens, width]);
});

/** What was recognised, in words: the documentation's table, written by `vitest -u`. */
test("the table of recognised networks in docs is what is recognised", async () => {
  const header = [
    "| network | made by | operators | layers | tokens | queries, keys, values | GELU | pooling | products to quantize |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
  ];
  const text = [
    "# Recognised networks",
    "",
    "Vision transformers written in different ways, all with random weights on 16×16 images. Each is read from the raw graph by",
    "structure alone; cleaned, and run block by block, it gives the logits of the raw file",
    "(`tooling/parity/src/recognition.test.ts`, which also writes this table: `vitest -u`). The files of PyTorch's exporter are",
    "made by `tooling/parity/fixtures/recognition/make.py`.",
    "",
    ...header,
    ...networks.map(row),
    "",
  ].join("\n");
  await expect(text).toMatchFileSnapshot("../../../docs/recognised-networks.md");
});

function row({ name, madeBy, graph }: RawNetwork): string {
  const clean = cleanGraph(graph);
  const { layers, tokens, width, heads, pooling } = analyzeVit(clean);
  const sites = quantizableSites(clean);
  const stacked = layers[0]?.qkv.length === 1 ? "one product" : "three products";
  const isGelu = sites.some(({ postGelu, layer }) => postGelu && layer !== null);
  const cells = [
    name,
    madeBy,
    `${graph.nodes.length} → ${clean.nodes.length}`,
    `${layers.length} of ${heads} heads`,
    `${tokens} × ${width}`,
    stacked,
    isGelu ? "yes" : "no",
    pooling.map(describePooling).join(" and "),
    String(sites.length),
  ];
  return `| ${cells.join(" | ")} |`;
}

function describePooling(pooling: Pooling): string {
  return pooling.kind === "token" ? `token ${pooling.index}` : `mean of tokens ${pooling.from} to ${pooling.to - 1}`;
}
