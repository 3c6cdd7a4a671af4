import { readFileSync } from "node:fs";
import { decodeModel } from "@quee/onnx-codec";
import { cleanGraph } from "@quee/onnx-graph";
import { developmentFiles } from "@quee/tooling-testing";
import { buildT2tVit, buildVit, parameterNames } from "@quee/vit-architectures";
import { expect, test } from "vitest";
import { trainableWeights } from "./trainable-weights.js";

const shape = { imageSize: 32, width: 24, depth: 2, heads: 2, mlpRatio: 2, classCount: 5, seed: 1 };

test("of our ViT with LayerScale, all weights are found and nothing else", () => {
  const graph = buildVit({ ...shape, patchSize: 8, layerScale: true });
  expect([...trainableWeights(graph)].sort()).toEqual([...parameterNames(graph)].sort());
});

test("of a T2T-ViT, random features and window kernels are left alone", () => {
  const graph = buildT2tVit({ ...shape, tokenWidth: 16 });
  const found = new Set(trainableWeights(graph));
  for (const name of parameterNames(graph)) expect(found).toContain(name);
  // The sinusoids look like any other positions.
  expect([...found].filter((name) => !parameterNames(graph).includes(name))).toEqual(["positions"]);
});

const exported = developmentFiles("QUEE_MODELS", "t2t-vit-7-cifar10", "model.onnx");

test.skipIf(exported === null)("of a network that PyTorch exported, all but its constants are found", () => {
  const graph = cleanGraph(decodeModel(new Uint8Array(readFileSync(exported as string))));
  const count = trainableWeights(graph).reduce(
    (sum, name) => sum + (graph.initializers.get(name)?.data.length ?? 0),
    0,
  );
  // T2T-ViT-7 has 4,310,222 numbers at 224×224 with 1,000 classes: 197 × 256 positions, 2 × 32 × 64 random features and a head of
  // 257,000 among them. This one has 17 × 256 positions that the class token was added to (256 less), and a head of 2,570.
  expect(count).toBe(4_310_222 - 257_000 + 2_570 - 2 * 32 * 64 - (197 - 17) * 256 - 256);
});
