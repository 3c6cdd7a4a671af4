import { bits } from "@quee/core";
import { cleanGraph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { blockEncodingsSchema, captureSites, fakeQuantizeGraph, ptq4vitEncodings } from "@quee/ptq4vit-quantizer";
import { argmaxRows, randomStream, softmaxRows, type Tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { buildVit } from "@quee/vit-architectures";
import { analyzeVit, attachHead, cutBlocks, quantizableSites } from "@quee/vit-blocks";
import { expect, test } from "vitest";

const shape = { imageSize: 16, patchSize: 8, width: 24, depth: 2, heads: 3, mlpRatio: 2, classCount: 5, seed: 3 };

/** Two blocks with heads, of random weights, and images. */
function network() {
  const whole = cleanGraph(buildVit(shape));
  const anatomy = analyzeVit(whole);
  const random = randomStream(9, "ptq4vit network");
  const floats = (count: number, scale: number) => Float32Array.from({ length: count }, () => scale * random.normal());
  const heads = [
    { weight: { shape: [24, 5], data: floats(120, 0.4) }, bias: { shape: [5], data: floats(5, 0.2) } },
    anatomy.head,
  ];
  const blocks = cutBlocks(whole, anatomy, [1, 2]).map((block, j) => {
    const graph = attachHead(block, heads[j]!);
    return { graph, sites: quantizableSites(graph) };
  });
  const batches = (counts: readonly number[]) => {
    const stream = randomStream(10, "images");
    return counts.map(
      (count): Tensor => ({
        shape: [count, 3, 16, 16],
        data: Float32Array.from({ length: count * 768 }, () => stream.normal()),
      }),
    );
  };
  return { blocks, batches };
}

async function capture(counts: readonly number[], memoryBytes: number, gradient: "ce-pseudo" | "fisher" = "ce-pseudo") {
  const { blocks, batches } = network();
  const groups = [];
  for await (const group of captureSites({
    blocks,
    batches: () => batches(counts),
    gradient,
    labels: null,
    memoryBytes,
  })) {
    groups.push(group);
  }
  return groups;
}

test("any memory budget and any batches capture the same, in more or fewer passes", async () => {
  const [whole, ...none] = await capture([6], 2 ** 30);
  expect(none).toEqual([]);
  const parts = await capture([4, 2], 20_000);
  expect(parts.length).toBeGreaterThan(3);
  const flat = parts.flat();
  expect(flat.map(({ site }) => site.node)).toEqual(whole!.map(({ site }) => site.node));
  flat.forEach((one, i) => {
    const other = whole![i]!;
    expect(one.output.shape).toEqual(other.output.shape);
    expectAllclose(one.output.data, other.output.data, { rtol: 1e-4, atol: 1e-5 });
    expectAllclose(one.gradient.data, other.gradient.data, { rtol: 1e-3, atol: 1e-5 });
  });
});

test("the gradient of a head is probabilities minus the answer, of an exit in the middle too", async () => {
  for (const { site, output, gradient } of (await capture([6], 2 ** 30)).flat()) {
    if (site.role !== "head") continue;
    const { blocks } = network();
    const bias = blocks.flatMap(({ graph, sites }) =>
      sites.some((s) => s.output === site.output && s.node === site.node)
        ? [graph.initializers.get(site.bias!)!.data as Float32Array]
        : [],
    );
    // Both heads may have one name; the bias of the last is zero in a fresh network.
    const candidates = bias.map((b) => {
      const logits = { shape: output.shape, data: output.data.map((y, i) => y + b[i % 5]!) };
      const answers = argmaxRows(logits);
      return softmaxRows(logits).data.map((p, i) => p - (i % 5 === answers[Math.floor(i / 5)] ? 1 : 0));
    });
    expect(candidates.some((expected) => expected.every((g, i) => Math.abs(g - gradient.data[i]!) < 1e-5))).toBe(true);
  }
});

test("fisher gradients are the root of the mean square over classes", async () => {
  const fisher = (await capture([6], 2 ** 30, "fisher")).flat();
  const head = fisher.findLast(({ site }) => site.role === "head")!;
  const { blocks } = network();
  const bias = blocks[1]!.graph.initializers.get(head.site.bias!)!.data as Float32Array;
  const p = softmaxRows({ shape: head.output.shape, data: head.output.data.map((y, i) => y + bias[i % 5]!) }).data;
  // Σ_c p_c (δ − p)² = p·(1 − p)
  expectAllclose(
    head.gradient.data,
    p.map((q) => Math.sqrt(q * (1 - q))),
    { rtol: 1e-4, atol: 1e-6 },
  );
  expect(fisher.every(({ gradient }) => gradient.data.every((g) => g >= 0))).toBe(true);
});

test("blocks quantized by search follow the float network, the closer the more bits, and their encodings survive JSON", async () => {
  const { blocks, batches } = network();
  const widths = [bits(8), bits(5), bits(2)];
  const counts = [8, 8];
  const found = await ptq4vitEncodings({ blocks, batches: () => batches(counts), bitWidths: widths });
  const [images] = batches([16]);
  const logitsOf = async (graphs: readonly (typeof blocks)[number]["graph"][]) => {
    let hidden = images!;
    let logits: Float32Array = new Float32Array(0);
    for (const graph of graphs) {
      const session = await openSession(graph);
      const outputs = await session.run({ [graph.inputs[0]!.name]: hidden });
      await session.release();
      logits = outputs["logits"]!.data;
      if (outputs["hidden_states"] !== undefined) hidden = outputs["hidden_states"];
    }
    return logits;
  };
  const float = await logitsOf(blocks.map(({ graph }) => graph));
  const distance = (logits: Float32Array) => logits.reduce((sum, value, i) => sum + (value - float[i]!) ** 2, 0);
  const size = float.reduce((sum, value) => sum + value ** 2, 0);
  const errors: number[] = [];
  for (const w of widths.keys()) {
    const searched = blocks.map(({ graph }, j) => fakeQuantizeGraph(graph, found.blocks[j]![w]!));
    errors.push(distance(await logitsOf(searched)) / size);
  }
  expect(errors[0]).toBeLessThan(1e-3);
  expect(errors[1]).toBeGreaterThan(4 * errors[0]!);
  expect(errors[2]).toBeGreaterThan(4 * errors[1]!);
  for (const encodings of found.blocks.flat()) {
    expect(blockEncodingsSchema.parse(JSON.parse(JSON.stringify(encodings)))).toEqual(encodings);
  }
  const context = found.blocks[0]![0]!.sites.find(({ role }) => role === "context")!;
  expect(context.operands.map(({ quantizer, scales, axis }) => [quantizer, scales.length, axis])).toEqual([
    ["post-softmax", 1, null],
    ["uniform", 3, -3],
  ]);
});

test("workers find what this thread finds, and say what stopped them", async () => {
  const { blocks, batches } = network();
  const options = { blocks, batches: () => batches([8]), bitWidths: [bits(6), bits(3)] };
  const alone = await ptq4vitEncodings(options);
  const seen: number[] = [];
  expect(await ptq4vitEncodings({ ...options, workers: 2, onSite: (done) => seen.push(done) })).toEqual(alone);
  expect(seen).toEqual(Array.from({ length: blocks[0]!.sites.length + blocks[1]!.sites.length }, (_, i) => i + 1));

  const [images] = batches([8]);
  images!.data[0] = Number.NaN;
  const unreadable = ptq4vitEncodings({ ...options, batches: () => [images!], workers: 1 });
  await expect(unreadable).rejects.toMatchObject({ name: "QueeError", code: "E_NOT_FINITE", kind: "numeric" });
  // This only the worker finds.
  const uneven = blocks.map(({ graph, sites }) => ({ graph, sites: sites.map((site) => ({ ...site, groups: 1000 })) }));
  const broken = ptq4vitEncodings({ ...options, blocks: uneven, workers: 1 });
  await expect(broken).rejects.toMatchObject({ name: "QueeError", code: "E_TENSOR_SHAPE" });
  const stop = new AbortController();
  const stopped = ptq4vitEncodings({
    ...options,
    workers: 2,
    signal: stop.signal,
    onSite: () => stop.abort(new Error("enough")),
  });
  await expect(stopped).rejects.toThrow();
});
