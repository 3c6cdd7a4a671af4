import { type Bits, bits, legalPaths, type PathSpace, pathKey } from "@quee/core";
import { createGates, type GateArchitecture, initialNetwork } from "@quee/gate-predictors";
import { encodeModel } from "@quee/onnx-codec";
import { GraphBuilder } from "@quee/onnx-graph";
import { randomStream, type Tensor } from "@quee/tensor";
import { afterEach, expect, test } from "vitest";
import { AdaptiveClassifier } from "./adaptive-classifier.js";

const space: PathSpace = { levels: [bits(8), bits(4)], exitCount: 2, order: "monotone", firstBlock: "highest" };
const architecture: GateArchitecture = { reading: "A", embedding: 8, hidden: 16, classCount: 3, exitCount: 2 };
const gates = createGates(architecture, space, new Map([[2, initialNetwork(architecture, randomStream(1, "gate"))]]));
const byPath = new Map(legalPaths(space).map((path) => [pathKey(path), path.reduce((sum, b) => sum + b, 0) / 16]));
const costs = { name: "bits", unit: "BitOPs", unitCost: 16, byPath } as const;

function block(number: number, level: Bits): Uint8Array {
  const builder = new GraphBuilder(`block ${number}`);
  const x = builder.input(number === 1 ? "pixel_values" : "hidden_states_in", ["batch", 3, 2, 2]);
  const hidden = builder.times(x, builder.scalar(level / 8), "hidden_states");
  if (number === 1) builder.output(hidden, ["batch", 3, 2, 2]);
  builder.output(builder.reshape(builder.reduceMean(hidden, [2, 3]), [0, 3], "logits"), ["batch", 3]);
  return encodeModel(builder.build());
}

const random = randomStream(3, "images");
const images: Tensor = { shape: [40, 3, 2, 2], data: Float32Array.from({ length: 480 }, random.normal) };

let classifier: AdaptiveClassifier | undefined;
afterEach(async () => classifier?.close());

test("a prohibitive price sends every image out at the first exit, at the cost of that path", async () => {
  classifier = await AdaptiveClassifier.open({ model: block, gates, costs });
  const answers = await classifier.classify(images, { lambda: Number.POSITIVE_INFINITY });
  expect(answers).toHaveLength(40);
  expect(new Set(answers.map(({ path }) => pathKey(path)))).toEqual(new Set(["8"]));
  expect(new Set(answers.map(({ cost }) => cost))).toEqual(new Set([0.5]));
});

test("answers do not depend on the company that an image keeps", async () => {
  classifier = await AdaptiveClassifier.open({ model: block, gates, costs, workers: 2, batchSize: 7 });
  const together = await classifier.classify(images, { lambda: 0.2 });
  for (const i of [0, 13, 39]) {
    const alone: Tensor = { shape: [1, 3, 2, 2], data: images.data.slice(i * 12, (i + 1) * 12) };
    const [answer] = await classifier.classify(alone, { lambda: 0.2 });
    expect(answer?.path).toEqual(together[i]?.path);
    expect(answer?.class).toBe(together[i]?.class);
  }
});

test("images of another shape are refused before anything runs", async () => {
  classifier = await AdaptiveClassifier.open({ model: block, gates, costs });
  const flat: Tensor = { shape: [2, 12], data: new Float32Array(24) };
  await expect(classifier.classify(flat, { lambda: 0 })).rejects.toThrow(/images: expected the shape \[N, C, H, W\]/);
});
