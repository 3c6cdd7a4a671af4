import { bits } from "@quee/core";
import { cleanGraph, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import {
  type BlockEncodings,
  calibrateBlocks,
  fakeQuantizeGraph,
  klDivergences,
  measureSensitivity,
  minMaxEncodings,
  networkParts,
  packedBytes,
  ptq4vitEncodings,
  wholeNetwork,
  withStem,
} from "@quee/ptq4vit-quantizer";
import { randomStream, softmaxRows, type Tensor } from "@quee/tensor";
import { buildVit } from "@quee/vit-architectures";
import { analyzeVit, attachHead, cutBlocks, quantizableSites } from "@quee/vit-blocks";
import { describe, expect, test } from "vitest";

const shape = { imageSize: 16, patchSize: 8, width: 24, depth: 2, heads: 3, mlpRatio: 2, classCount: 5, seed: 3 };
const exported = buildVit(shape);
const network = wholeNetwork(exported);
const levels = [8, 5, 3].map(bits);

function images(count: number, seed = 10): Tensor {
  const random = randomStream(seed, "whole network");
  return {
    shape: [count, 3, 16, 16],
    data: Float32Array.from({ length: count * 768 }, () => random.normal()),
  };
}

async function run(graph: Graph, batch: Tensor, outputs: readonly string[] = ["logits"]) {
  const session = await openSession({
    ...graph,
    outputs: outputs.map((name) => ({ name, dtype: "float32" as const, shape: null })),
  });
  const found = await session.run({ [graph.inputs[0]!.name]: batch });
  await session.release();
  return outputs.map((name) => found[name] as Tensor);
}

const encode = (change: Partial<Parameters<typeof ptq4vitEncodings>[0]> = {}) =>
  ptq4vitEncodings({ blocks: [network], batches: () => [images(8)], bitWidths: levels, stem: "levels", ...change });

test("without exits the network has the scales that it has as one block with its head", async () => {
  const graph = cleanGraph(exported);
  const anatomy = analyzeVit(graph);
  const block = attachHead(cutBlocks(graph, anatomy, [2])[0]!, anatomy.head);
  const [whole] = (await encode()).blocks;
  const [cut] = (await encode({ blocks: [{ graph: block, sites: quantizableSites(block) }] })).blocks;
  const scales = (found: readonly BlockEncodings[]) =>
    found.map(({ sites }) => sites.map(({ role, operands }) => [role, operands.map((one) => one.scales)]));
  expect(scales(whole!)).toEqual(scales(cut!));
  expect(whole![0]!.sites.map(({ role }) => role)).toContain("patch-embedding");
});

test("the quantized network takes what the exported one takes and follows it, the closer the more bits", async () => {
  const held = images(16, 11);
  const [float] = await run(exported, held);
  const divergences: number[] = [];
  for (const encodings of (await encode()).blocks[0]!) {
    const graph = fakeQuantizeGraph(network.graph, encodings);
    expect(graph.inputs).toEqual(exported.inputs);
    expect(graph.outputs).toEqual(exported.outputs);
    const [logits] = await run(graph, held);
    divergences.push(klDivergences(float!, logits!).reduce((sum, one) => sum + one, 0) / 16);
  }
  expect(divergences[0]).toBeLessThan(1e-3);
  expect(divergences[1]).toBeGreaterThan(2 * divergences[0]!);
  expect(divergences[2]).toBeGreaterThan(2 * divergences[1]!);
});

test("a stem put to the highest level or to float afterwards is one that was searched so", async () => {
  const [found] = (await encode()).blocks;
  for (const stem of ["highest", "float"] as const) {
    expect(withStem(found!, network.sites, stem)).toEqual((await encode({ stem })).blocks[0]);
  }
});

describe("sensitivity", () => {
  test("is that of the whole network with one product rounded, or one part", async () => {
    const [encodings] = (await encode()).blocks;
    const batches = [images(5, 12), images(3, 13)];
    const rows = await measureSensitivity({ network, encodings: encodings!, batches });
    const parts = networkParts(network);
    expect(parts.map(({ name }) => name)).toEqual(["stem", "block 1", "block 2", "head"]);
    expect(rows).toHaveLength(3 * (4 + network.sites.length));
    for (const row of rows) {
      if (row.bits === 8) continue;
      const part = parts.find(({ name }) => name === row.part)!;
      const { sites } = encodings!.find((one) => one.bits === row.bits)!;
      const isOwn = (node: string) =>
        row.site === null ? part.sites.some((site) => site.node === node) : node === row.site.node;
      const output = part.sites.find(({ node }) => node === row.site?.node)?.output ?? part.output;
      const rounded = fakeQuantizeGraph(network.graph, {
        bits: row.bits,
        sites: sites.filter((one) => isOwn(one.node)),
      });
      let [error, size, divergence] = [0, 0, 0];
      for (const batch of batches) {
        const outputs = [...new Set([output, "logits"])];
        const float = await run(network.graph, batch, outputs);
        const got = await run(rounded, batch, outputs);
        float[0]!.data.forEach((y, i) => {
          error += (y - got[0]!.data[i]!) ** 2;
          size += y ** 2;
        });
        const [p, q] = [float.at(-1)!, got.at(-1)!].map((logits) => softmaxRows(logits).data);
        divergence += p!.reduce((sum, one, i) => sum + one * Math.log(one / q![i]!), 0) / 8;
      }
      expect(row.relativeError).toBeCloseTo(Math.sqrt(error / size), 4);
      expect(row.klDivergence).toBeCloseTo(divergence, 4);
      expect(row.relativeError).toBeGreaterThan(0);
    }
  });

  test("without images it says so", async () => {
    await expect(measureSensitivity({ network, encodings: [], batches: [] })).rejects.toThrow(/at least one, got none/);
  });
});

describe("bytes of packed weights", () => {
  const weights = network.sites
    .filter(({ weight }) => weight !== null)
    .map(({ weight }) => network.graph.initializers.get(weight!)!.data.length)
    .reduce((sum, count) => sum + count, 0);

  test("are b bits for each weight, four bytes for each scale, and the rest as it is", async () => {
    const float = packedBytes(network.graph, null);
    expect(float).toEqual({ codes: 0, scales: 0, float: float.total, total: float.total });
    for (const encodings of (await encode()).blocks[0]!) {
      const packed = packedBytes(network.graph, encodings);
      expect(packed.codes).toBe((weights * encodings.bits) / 8);
      expect(packed.float).toBe(float.total - 4 * weights);
      const scales = encodings.sites.flatMap(({ operands }) => operands.flatMap((one) => one.scales)).length;
      expect(packed.scales).toBe(4 * scales);
      expect(packed.total).toBe(packed.codes + packed.scales + packed.float);
    }
  });

  test("of the parts add up to those of the whole", async () => {
    for (const encodings of [null, ...(await encode()).blocks[0]!]) {
      const parts = networkParts(network).map(({ nodes }) => packedBytes(network.graph, encodings, nodes).total);
      expect(parts.reduce((sum, one) => sum + one, 0)).toBe(packedBytes(network.graph, encodings).total);
    }
  });
});

describe("what cannot be quantized says why:", () => {
  const change = (from: Graph, edit: (graph: GraphBuilder) => void) => {
    const builder = GraphBuilder.from(from);
    edit(builder);
    return builder.build();
  };

  test("a graph without softmax", () => {
    const nodes = exported.nodes.map((node) =>
      node.op === "Softmax" ? { ...node, op: "Sigmoid", attributes: new Map() } : node,
    );
    expect(() => wholeNetwork({ ...exported, nodes })).toThrow(/softmax/i);
  });

  test("a graph that is no transformer", () => {
    const builder = new GraphBuilder("perceptron");
    const input = builder.input("pixel_values", ["batch", 12]);
    builder.output(builder.matMul(input, builder.tensor("w", [12, 5], new Float32Array(60)), "logits"), ["batch", 5]);
    expect(() => wholeNetwork(builder.build())).toThrow(
      expect.objectContaining({ code: "E_VIT_ANATOMY", kind: "input" }),
    );
  });

  test("two outputs of which none is called logits", async () => {
    const two = change(network.graph, (builder) => builder.output("pixel_values", ["batch", 3, 16, 16]));
    const outputs = two.outputs.map((one, i) => (i === 0 ? { ...one, name: network.sites[0]!.output } : one));
    const blocks = [{ graph: { ...two, outputs }, sites: network.sites }];
    await expect(encode({ blocks })).rejects.toThrow(/expected one output, or one that is called "logits", got "/);
  });

  test("weights that are not numbers, by the name of their product", async () => {
    const site = network.sites.find(({ role }) => role === "fc1")!;
    const weight = network.graph.initializers.get(site.weight!)!;
    const data = (weight.data as Float32Array).slice().fill(Number.NaN, 7, 8);
    const initializers = new Map([...network.graph.initializers, [site.weight!, { ...weight, data }]]);
    const broken = { ...network, graph: { ...network.graph, initializers } };
    await expect(encode({ blocks: [broken] })).rejects.toThrow(
      /expected finite values, got a largest magnitude of NaN/,
    );
    await expect(encode({ blocks: [broken] })).rejects.toMatchObject({ kind: "numeric" });
  });

  test("no calibration images", async () => {
    await expect(encode({ batches: () => [] })).rejects.toMatchObject({
      code: "E_NO_CALIBRATION_IMAGES",
      kind: "input",
    });
    await expect(calibrateBlocks({ blocks: [network], batches: [] })).rejects.toThrow(/at least one, got none/);
  });
});

test("one calibration image is enough for scales", async () => {
  const { blocks } = await encode({ batches: () => [images(1)] });
  const [logits] = await run(fakeQuantizeGraph(network.graph, blocks[0]![0]!), images(4));
  expect(logits!.data.every(Number.isFinite)).toBe(true);
});

test("images without anything on them give finite scales, and answers near those of the float network", async () => {
  const blank = { shape: [4, 3, 16, 16], data: new Float32Array(4 * 768) };
  const { blocks } = await encode({ batches: () => [blank] });
  const [ranges] = await calibrateBlocks({ blocks: [network], batches: [blank] });
  const plain = minMaxEncodings(network.graph, network.sites, ranges!, bits(8));
  const [float] = await run(network.graph, blank);
  for (const encodings of [blocks[0]![0]!, plain]) {
    for (const { operands } of encodings.sites) {
      for (const scale of operands.flatMap(({ scales }) => scales))
        expect(scale > 0 && Number.isFinite(scale)).toBe(true);
    }
    const [logits] = await run(fakeQuantizeGraph(network.graph, encodings), blank);
    expect(Math.max(...klDivergences(float!, logits!))).toBeLessThan(1e-2);
  }
});
