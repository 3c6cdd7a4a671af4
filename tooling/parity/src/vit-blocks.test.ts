import { readFileSync } from "node:fs";
import { decodeModel } from "@quee/onnx-codec";
import { cleanGraph, type Graph, renameValues } from "@quee/onnx-graph";
import { openSession, type Tensors } from "@quee/onnx-session";
import { randomStream, type Tensor, tensor } from "@quee/tensor";
import { developmentFiles, expectAllclose } from "@quee/tooling-testing";
import { buildT2tVit, buildVit } from "@quee/vit-architectures";
import { analyzeVit, attachHead, type BlockGraph, cutBlocks, quantizableSites } from "@quee/vit-blocks";
import { expect, test } from "vitest";

const small = { imageSize: 32, width: 24, depth: 4, heads: 3, mlpRatio: 2, classCount: 7, seed: 5 };
const vit = withLivelyWeights(buildVit({ ...small, patchSize: 8 }));
const t2t = withLivelyWeights(buildT2tVit({ ...small, tokenWidth: 16 }));

const modelFile = developmentFiles("QUEE_MODELS", "t2t-vit-7-cifar10", "model.onnx");
const exported = () => decodeModel(readFileSync(modelFile as string), { file: "model.onnx" });

/** Fresh biases are zero and fresh norms do nothing: random ones show what is forgotten or applied twice. */
function withLivelyWeights(graph: Graph): Graph {
  const initializers = [...graph.initializers].map(([name, value]) => {
    if (!/norm|bias/.test(name) || !(value.data instanceof Float32Array)) return [name, value] as const;
    const random = randomStream(1, name);
    return [name, { ...value, data: value.data.map((x) => x + 0.3 * random.normal()) }] as const;
  });
  return { ...graph, initializers: new Map(initializers) };
}

function images(count: number, size: number): Tensor {
  const random = randomStream(3, "images");
  const data = Float32Array.from({ length: count * 3 * size * size }, () => random.normal());
  return tensor([count, 3, size, size], data);
}

async function run(graph: Graph, feeds: Tensors): Promise<Record<string, Tensor>> {
  const session = await openSession(graph);
  const outputs = await session.run(feeds);
  await session.release();
  return outputs;
}

/** The logits that come out when the blocks run one after the other. */
async function runBlocks(graph: Graph, exits: readonly number[], pixels: Tensor): Promise<Tensor> {
  const anatomy = analyzeVit(graph);
  let feed = pixels;
  let outputs: Record<string, Tensor> = {};
  for (const block of cutBlocks(graph, anatomy, exits)) {
    outputs = await run(attachHead(block, anatomy.head), { [block.input]: feed });
    if (block.hasHiddenStates) feed = outputs["hidden_states"] as Tensor;
  }
  return outputs["logits"] as Tensor;
}

test.each([
  ["ViT", vit, [1, 3, 4], 1],
  ["ViT", vit, [2, 4], 5],
  ["ViT", vit, [4], 5],
  ["T2T-ViT", t2t, [1, 2, 3, 4], 1],
  ["T2T-ViT", t2t, [2, 4], 5],
] as const)("%s: its blocks, one after the other, give the logits of the whole", async (_, graph, exits, count) => {
  const pixels = images(count, small.imageSize);
  const { logits } = await run(graph, { pixel_values: pixels });
  const inBlocks = await runBlocks(graph, exits, pixels);
  expect(inBlocks.shape).toEqual([count, small.classCount]);
  expectAllclose(inBlocks.data, (logits as Tensor).data, { rtol: 1e-4, atol: 1e-5 });
});

test.skipIf(modelFile === null).each([1, 5])(
  "the exported T2T-ViT-7, batch of %i: its blocks give the logits of the whole",
  async (count) => {
    const pixels = images(count, 64);
    const { logits } = await run(exported(), { pixel_values: pixels });
    const inBlocks = await runBlocks(cleanGraph(exported()), [2, 4, 7], pixels);
    expectAllclose(inBlocks.data, (logits as Tensor).data, { rtol: 0, atol: 1e-4 });
  },
);

test("exit features are the class token behind the final norm", async () => {
  const pixels = images(3, small.imageSize);
  const [block] = cutBlocks(vit, analyzeVit(vit), [4]) as readonly [BlockGraph];
  const features = { name: "class_features", dtype: "float32", shape: null } as const;
  const whole = await run({ ...vit, outputs: [features] }, { pixel_values: pixels });
  const inBlock = await run(block.graph, { pixel_values: pixels });
  const expected = whole["class_features"] as Tensor;
  expectAllclose((inBlock["exit_features"] as Tensor).data, expected.data, { rtol: 1e-4, atol: 1e-5 });
});

test.each([
  ["ViT", vit],
  ["T2T-ViT", t2t],
])("%s: cleaning and new names change neither layers nor sites", (_, graph) => {
  const roles = (g: Graph) =>
    quantizableSites(g).map(({ role, layer, groups, postGelu, postSoftmax }) => [
      role,
      layer,
      groups,
      postGelu,
      postSoftmax,
    ]);
  const cleaned = cleanGraph(graph);
  const values = cleaned.nodes.flatMap(({ outputs }) => outputs).filter((name) => name !== "logits");
  const renamed = renameValues(cleaned, new Map(values.map((name, i) => [name, `value ${i}`])));
  const nameless = { ...renamed, nodes: renamed.nodes.map((node, i) => ({ ...node, name: `operator ${i}` })) };
  expect(roles(nameless)).toEqual(roles(graph));
  expect(analyzeVit(nameless).layers).toHaveLength(small.depth);
});

test.skipIf(modelFile === null)("the exported T2T-ViT-7 has seven layers and the sites of ours", () => {
  const cleaned = cleanGraph(exported());
  const anatomy = analyzeVit(cleaned);
  expect(anatomy).toMatchObject({
    tokens: 17,
    width: 256,
    heads: 4,
    classCount: 10,
    pooling: [{ kind: "token", index: 0 }],
    imageShape: [3, 64, 64],
  });
  expect(anatomy.layers).toHaveLength(7);
  const sites = quantizableSites(cleaned);
  expect(sites).toHaveLength(9 + 7 * 6 + 1);
  expect(comparable(cleaned)).toEqual(comparable(t2tVit7()));
});

test.skipIf(modelFile === null)("our T2T-ViT-7 with the exported weights gives the exported logits", async () => {
  const pixels = images(4, 64);
  const theirs = exported();
  const { logits } = await run(theirs, { pixel_values: pixels });
  const ours = await run(withWeightsOf(t2tVit7(), theirs), { pixel_values: pixels });
  expectAllclose((ours["logits"] as Tensor).data, (logits as Tensor).data, { rtol: 0, atol: 1e-3 });
});

function t2tVit7(): Graph {
  return buildT2tVit({ ...small, imageSize: 64, width: 256, depth: 7, heads: 4, classCount: 10 });
}

/** Sites without names: what they are, and how large. */
function comparable(graph: Graph) {
  return quantizableSites(graph).map(({ role, layer, groups, weight, bias, postGelu, postSoftmax }) => {
    const size = weight === null ? 0 : graph.initializers.get(weight)?.data.length;
    return { role, layer, groups, size, hasBias: bias !== null, postGelu, postSoftmax };
  });
}

/** Site by site and norm by norm; the two graphs stand in the same order. */
function withWeightsOf(ours: Graph, theirs: Graph): Graph {
  const data = new Map<string, Float32Array>();
  const copy = (to: string | null | undefined, values: Float32Array) => data.set(to as string, values);
  const stored = (name: string | null | undefined) => theirs.initializers.get(name as string)?.data as Float32Array;
  const theirSites = quantizableSites(theirs);
  for (const [i, site] of quantizableSites(ours).entries()) {
    const their = theirSites[i];
    if (site.weight !== null && site.role !== "head") copy(site.weight, stored(their?.weight));
    if (site.bias !== null) copy(site.bias, stored(their?.bias));
  }
  const { weight } = analyzeVit(theirs).head;
  copy("head.weight", weight.data);
  const norms = (graph: Graph) => graph.nodes.filter(({ op }) => op === "LayerNormalization");
  const theirNorms = norms(theirs);
  for (const [i, { inputs }] of norms(ours).entries()) {
    for (const part of [1, 2]) copy(inputs[part], stored(theirNorms[i]?.inputs[part]));
  }
  copy("class_token.embedding", stored("cls_token"));
  copy("positions", stored("pos_embed"));
  for (const stage of [0, 1]) {
    const w = stored(`tokens_to_token.attention${stage + 1}.w`);
    copy(
      `tokens_to_token.performer${stage}.features`,
      w.map((_, i) => w[(i % 32) * 64 + Math.floor(i / 32)] as number),
    );
  }
  const initializers = [...ours.initializers].map(
    ([name, value]) => [name, { ...value, data: data.get(name) ?? value.data }] as const,
  );
  return { ...ours, initializers: new Map(initializers) };
}
