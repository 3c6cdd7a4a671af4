import { bits } from "@quee/core";
import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { openSession, type Session } from "@quee/onnx-session";
import {
  type BlockEncodings,
  fakeQuantizeGraph,
  inFloatKernels,
  integerGraph,
  ptq4vitEncodings,
} from "@quee/ptq4vit-quantizer";
import { randomStream, type Tensor } from "@quee/tensor";
import { compareVariants, oneSample } from "@quee/tooling-testing";
import { bench, describe } from "vitest";
import { backbone } from "./backbone.bench.helper.js";
import { type Block, blocksOf } from "./integer-cases.js";

const random = randomStream(1, "inputs of blocks");

function variantsOf(block: Block, encodings: readonly BlockEncodings[]): Readonly<Record<string, Graph>> {
  const of = (width: number) => encodings.find((own) => own.bits === width) as BlockEncodings;
  return {
    fp32: block.graph,
    "fake-quant 8": fakeQuantizeGraph(block.graph, of(8)),
    "integer 8": integerGraph(block.graph, of(8)),
    "integer 6": integerGraph(block.graph, of(6)),
    "integer 8, weights as uint8": integerGraph(block.graph, of(8), { weights: "uint8" }),
    "integer 8 by float kernels": inFloatKernels(integerGraph(block.graph, of(8))),
  };
}

/** Scales from one image: they change answers, not times. */
async function network() {
  const blocks = blocksOf(backbone.graph(), backbone.exits);
  const [{ shape, data }] = (await backbone.batches(32)) as [Tensor];
  const image = { shape: [1, ...shape.slice(1)], data: data.subarray(0, data.length / 32) };
  const found = await ptq4vitEncodings({ blocks, batches: () => [image], bitWidths: [bits(8), bits(6)] });
  return blocks.map((block, j) => ({ block, encodings: found.blocks[j] as readonly BlockEncodings[] }));
}

/** Each block alone, then all of them. */
async function compare(batch: number, blocks: Awaited<ReturnType<typeof network>>): Promise<void> {
  const sessions: Session[] = [];
  const all: Record<string, (() => Promise<unknown>)[]> = {};
  const options = (what: string) => ({ part: "integer blocks", work: `${what} of ${backbone.name}, batch ${batch}` });
  for (const [j, { block, encodings }] of blocks.entries()) {
    const { name, shape } = block.graph.inputs[0] as Graph["inputs"][number];
    const dims = (shape ?? []).map((dim) => (typeof dim === "number" ? dim : batch));
    const size = dims.reduce((product, dim) => product * dim, 1);
    const feeds = { [name]: { shape: dims, data: Float32Array.from({ length: size }, () => random.normal()) } };
    const own: Record<string, () => Promise<unknown>> = {};
    for (const [variant, graph] of Object.entries(variantsOf(block, encodings))) {
      const session = await openSession(graph);
      sessions.push(session);
      own[variant] = () => session.run(feeds);
      (all[variant] ??= []).push(own[variant]);
    }
    await compareVariants(options(j === 0 ? "block 1 with the stem" : `block ${j + 1}`), own);
  }
  const oneAfterTheOther = Object.entries(all).map(([variant, runs]) => {
    const runAll = async () => {
      for (const run of runs) await run();
    };
    return [variant, runAll] as const;
  });
  await compareVariants(options("all blocks"), Object.fromEntries(oneAfterTheOther));
  await Promise.all(sessions.map((session) => session.release()));
}

/** Codes of queries and keys, and their products by integers, or by floats once the codes are turned back. */
function scoresGraph(heads: number, tokens: number, width: number, kernels: "integer" | "float"): Graph {
  const builder = new GraphBuilder(`scores of ${heads} heads by ${kernels} kernels`);
  const zero = builder.initializer("zero", { dtype: "uint8", dims: [], data: Uint8Array.of(128) });
  const step = builder.scalar(0.02);
  const codes = builder.add("QuantizeLinear", [builder.input("x", ["batch", heads, tokens, width]), step, zero]);
  const turned = builder.transpose(codes, [0, 1, 3, 2]);
  // A step per head, as they have.
  const own = builder.tensor(
    "own",
    [heads],
    Float32Array.from({ length: heads }, (_, head) => 0.02 + head / 1000),
  );
  const zeros = builder.initializer("zeros", { dtype: "uint8", dims: [heads], data: new Uint8Array(heads).fill(128) });
  const toFloat = (name: string) => builder.add("DequantizeLinear", [name, own, zeros], { axis: 1 });
  const products =
    kernels === "integer"
      ? builder.add("Cast", [builder.add("MatMulInteger", [codes, turned, zero, zero])], { to: 1 })
      : builder.matMul(toFloat(codes), toFloat(turned));
  const steps = builder.tensor("steps", [heads, 1, 1], new Float32Array(heads).fill(5e-5));
  builder.output(kernels === "integer" ? builder.times(products, steps) : products);
  return builder.build();
}

async function compareScores(heads: number, tokens: number, batch: number): Promise<void> {
  const graphs = (["float", "integer"] as const).map((kernels) => scoresGraph(heads, tokens, 64, kernels));
  // With more, onnxruntime would make integer products of both, and refuse to run those with a step per head.
  const sessions = await Promise.all(graphs.map((graph) => openSession(graph, { optimization: "basic" })));
  const data = Float32Array.from({ length: batch * heads * tokens * 64 }, () => random.normal());
  const feeds = { x: { shape: [batch, heads, tokens, 64], data } };
  const [float, integer] = sessions as [Session, Session];
  await compareVariants(
    { part: "integer blocks", work: `scores of ${heads} heads and ${tokens} tokens, batch ${batch}` },
    { "float kernels": () => float.run(feeds), "integer kernels": () => integer.run(feeds) },
  );
  await Promise.all(sessions.map((session) => session.release()));
}

describe(`blocks of ${backbone.name}, one thread`, async () => {
  const blocks = await network();
  for (const batch of [1, 32]) bench(`batch ${batch}`, async () => compare(batch, blocks), oneSample);
});

describe("products of queries and keys, rounded to codes, one thread", () => {
  for (const [heads, tokens, batch] of [
    [4, 17, 1],
    [4, 17, 32],
    [6, 197, 1],
    [6, 197, 8],
  ] as const) {
    bench(
      `${heads} heads, ${tokens} tokens, batch ${batch}`,
      async () => compareScores(heads, tokens, batch),
      oneSample,
    );
  }
});
