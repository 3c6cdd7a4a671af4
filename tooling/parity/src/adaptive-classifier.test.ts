import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { AdaptiveClassifier, type AdaptiveModel } from "@quee/adaptive-classifier";
import { type Bits, bits, type CostTable, legalPaths, type PathSpace, pathKey } from "@quee/core";
import { preprocessor, readCifar10, readPreprocessorConfig } from "@quee/datasets";
import { createGates, initialNetwork } from "@quee/gate-predictors";
import { decodeModel, encodeModel } from "@quee/onnx-codec";
import { cleanGraph } from "@quee/onnx-graph";
import { openPool } from "@quee/onnx-session";
import { collectPathTable } from "@quee/path-runtime";
import { replay } from "@quee/path-tables";
import { calibrateBlocks, integerGraph, minMaxEncodings } from "@quee/ptq4vit-quantizer";
import { queePolicy } from "@quee/router";
import { randomStream } from "@quee/tensor";
import { developmentFiles, expectAllclose } from "@quee/tooling-testing";
import { analyzeVit, attachHead, cutBlocks, quantizableSites } from "@quee/vit-blocks";
import { expect, test } from "vitest";

const file = developmentFiles("QUEE_MODELS", "t2t-vit-7-cifar10", "model.onnx");
const cifar = developmentFiles("QUEE_DATA", "cifar10");
const levels = [bits(8), bits(6)];
const exits = [2, 4, 7];
const count = 48;

test.skipIf(file === null || cifar === null)(
  "integer blocks of a real network classify pixels live as a replay of their table decides",
  async () => {
    const [model, root] = [file as string, cifar as string];
    const preprocessing = await readPreprocessorConfig(`${dirname(model)}/preprocessor_config.json`);
    const files = [{ file: "test_batch.bin", count }];
    const images = await readCifar10({ root, files, role: "test" });
    const prepare = preprocessor(preprocessing);

    const graph = cleanGraph(decodeModel(readFileSync(model), { file: model }));
    const anatomy = analyzeVit(graph);
    const blocks = cutBlocks(graph, anatomy, exits).map((block) => {
      const withHead = attachHead(block, anatomy.head);
      return { graph: withHead, sites: quantizableSites(withHead) };
    });
    const ranges = await calibrateBlocks({
      blocks,
      batches: [
        prepare(
          images,
          Int32Array.from({ length: 16 }, (_, i) => i),
        ),
      ],
    });
    const quantized = new Map<string, Uint8Array>();
    for (const [j, { graph: float, sites }] of blocks.entries()) {
      for (const level of levels) {
        const encodings = minMaxEncodings(float, sites, ranges[j]!, level, { levels });
        quantized.set(`${j + 1}@${level}`, encodeModel(integerGraph(float, encodings)));
      }
    }
    const blockOf = (block: number, level: Bits) => quantized.get(`${block}@${level}`)!;

    const space: PathSpace = { levels, exitCount: 3, order: "monotone", firstBlock: "highest" };
    const { classCount } = anatomy;
    const architecture = { reading: "A", embedding: 8, hidden: 16, classCount, exitCount: 3 } as const;
    const networks = [2, 3].map((gate) => [gate, initialNetwork(architecture, randomStream(gate, "gate"))] as const);
    const gates = createGates(architecture, space, new Map(networks));
    const byPath = new Map(legalPaths(space).map((path) => [pathKey(path), path.reduce((sum, b) => sum + b, 0) / 24]));
    const costs: CostTable = { name: "bits", unit: "BitOPs", unitCost: 24, byPath };
    const adaptive: AdaptiveModel = {
      ...{ name: "t2t-vit-7", arithmetic: "integer", preprocessing, gates, floatTop1: 0.7, block: blockOf },
      imageShape: anatomy.imageShape,
      classNames: images.classNames,
      routing: [{ name: "bits", costs, curve: [{ setting: 0, top1: 0.7, cost: 1 }] }],
    };

    const pool = await openPool({ workers: 1 });
    const classifier = await AdaptiveClassifier.open(adaptive, { workers: 2, batchSize: 8 });
    try {
      const set = { exitCount: 3, classCount, model: (block: number, level: Bits) => `${block}@${level}` };
      for (const [key, bytes] of quantized) pool.register(key, bytes);
      const source = { count, batch: (indices: Int32Array) => prepare(images, indices) };
      const labels = images.labels.slice(0, count);
      const table = await collectPathTable({
        pool,
        blocks: set,
        images: source,
        paths: legalPaths(space),
        role: "test",
        labels,
      });
      const [height, width] = [32, 32];
      const pictures = Array.from({ length: count }, (_, i) => {
        const planes = images.image(i);
        const data = Uint8Array.from(planes, (_byte, at) => planes[(at % 3) * height * width + Math.floor(at / 3)]!);
        return { width, height, data };
      });
      const taken = new Set<number>();
      for (const lambda of [0, 0.01, 0.03, 1]) {
        const policy = queePolicy({ predict: (view) => gates.predict(view), costs, lambda, space });
        const replayed = replay(policy, table, { space });
        const answers = await classifier.classify(pictures, { lambda });
        for (const [i, { path, class: answer, probabilities }] of answers.entries()) {
          expect([i, pathKey(path)]).toEqual([i, pathKey(table.paths[replayed.pathIndex[i]!]!)]);
          expect(answer).toBe(replayed.prediction[i]);
          const row = table.probabilities(path).subarray(i * classCount, (i + 1) * classCount);
          expectAllclose(probabilities, row, { rtol: 0, atol: 1e-4 });
          taken.add(path.length);
        }
      }
      expect(taken.size).toBeGreaterThan(1);
    } finally {
      await classifier.close();
      await pool.close();
    }
  },
  120_000,
);
