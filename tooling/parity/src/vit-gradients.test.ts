import { readFileSync, writeFileSync } from "node:fs";
import { type Constant, cleanGraph, type Graph } from "@quee/onnx-graph";
import { captureSites } from "@quee/ptq4vit-quantizer";
import { randomStream, type Tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { buildVit } from "@quee/vit-architectures";
import { analyzeVit, attachHead, cutBlocks, quantizableSites } from "@quee/vit-blocks";
import { expect, test } from "vitest";

interface Expected {
  readonly origin: string;
  /** In the order of the sites: the norm of ∂L/∂output, and each `every`-th value of it. */
  readonly sites: readonly { readonly norm: number; readonly every: number; readonly values: readonly number[] }[];
}

/**
 * vit-gradients.json: what `vit-gradients.py` (beside it) says of the graph that this test writes where QUEE_GRADIENT_GRAPH names a
 * file. PyTorch's autograd knows nothing of our rules; it runs the same operators in float64.
 */
const expected: Expected = JSON.parse(
  readFileSync(new URL("../fixtures/vit-gradients.json", import.meta.url), "utf8"),
) as Expected;

test("gradients of a whole ViT at every product are those of PyTorch's autograd", async () => {
  const shape = { imageSize: 16, patchSize: 8, width: 24, depth: 2, heads: 3, mlpRatio: 2, classCount: 5, seed: 3 };
  const whole = cleanGraph(buildVit(shape));
  const random = randomStream(9, "gradients");
  const floats = (dims: number[], scale: number): Tensor => ({
    shape: dims,
    data: new Float32Array(dims.reduce((product, dim) => product * dim, 1)).map(() => scale * random.normal()),
  });
  const head = { weight: floats([24, 5], 0.4), bias: floats([5], 0.2) };
  const [block] = cutBlocks(whole, analyzeVit(whole), [2]);
  const graph = attachHead(block!, head);
  const sites = quantizableSites(graph);
  const images = floats([3, 3, 16, 16], 1);
  const captured = [];
  for await (const group of captureSites({
    blocks: [{ graph, sites }],
    batches: () => [images],
    gradient: "ce-pseudo",
    labels: null,
    memoryBytes: 2 ** 30,
  })) {
    captured.push(...group);
  }
  const dump = process.env["QUEE_GRADIENT_GRAPH"];
  if (dump !== undefined) {
    const gradients = captured.map(({ site, gradient }) => ({ node: site.node, gradient: plain(gradient) }));
    writeFileSync(dump, JSON.stringify({ ...plainGraph(graph), images: plain(images), sites: gradients }));
  }

  expect(captured).toHaveLength(expected.sites.length);
  for (const [i, { norm, every, values }] of expected.sites.entries()) {
    const { data } = captured[i]!.gradient;
    const own = Math.sqrt(data.reduce((sum, g) => sum + g * g, 0));
    expectAllclose([own], [norm], { rtol: 1e-5, atol: 0 });
    const some = values.map((_, v) => data[v * every]!);
    expectAllclose(some, values, { rtol: 1e-4, atol: (1e-5 * norm) / Math.sqrt(data.length) });
  }
});

const plain = (tensor: Tensor) => ({ dims: tensor.shape, dtype: "float32", data: [...tensor.data] });
const plainConstant = ({ dims, dtype, data }: Constant) => ({
  dims,
  dtype,
  data: Array.from(data as ArrayLike<number>, Number),
});

function plainGraph(graph: Graph) {
  return {
    inputs: graph.inputs.map(({ name }) => name),
    nodes: graph.nodes.map(({ name, op, inputs, outputs, attributes }) => ({
      ...{ name, op, inputs, outputs },
      attributes: Object.fromEntries([...attributes].map(([key, { value }]) => [key, value])),
    })),
    initializers: Object.fromEntries([...graph.initializers].map(([name, value]) => [name, plainConstant(value)])),
  };
}
