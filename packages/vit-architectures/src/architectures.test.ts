import type { Graph } from "@quee/onnx-graph";
import { sizeOf } from "@quee/tensor";
import { expect, test } from "vitest";
import { parameterNames } from "./parameter-names.js";
import { buildT2tVit } from "./t2t-vit.js";
import { buildVit } from "./vit.js";

const tiny = { imageSize: 32, width: 16, depth: 2, heads: 2, mlpRatio: 2, classCount: 10, seed: 1 };

function parameterCount(graph: Graph): number {
  return parameterNames(graph).reduce((sum, name) => sum + sizeOf(graph.initializers.get(name)!.dims), 0);
}

test("DeiT-Ti/16 has its published number of parameters", () => {
  const graph = buildVit({
    ...tiny,
    imageSize: 224,
    patchSize: 16,
    width: 192,
    depth: 12,
    heads: 3,
    mlpRatio: 4,
    classCount: 1000,
  });
  expect(parameterCount(graph)).toBe(5_717_416);
});

test("T2T-ViT-7 has its published 4.3 million parameters", () => {
  const graph = buildT2tVit({ ...tiny, imageSize: 224, width: 256, depth: 7, heads: 4, classCount: 1000 });
  expect((parameterCount(graph) / 1e6).toFixed(1)).toBe("4.3");
});

test("T2T-ViT-7 at 64×64 has exactly the numbers that PyTorch exports for it", () => {
  const graph = buildT2tVit({ ...tiny, imageSize: 64, width: 256, depth: 7, heads: 4 });
  // The exporter counts the positions and the random features too, which nobody trains.
  const constants = 17 * 256 + 2 * 32 * 64;
  expect(parameterCount(graph) + constants).toBe(4_009_712);
});

test.each([
  ["ViT", buildVit({ ...tiny, patchSize: 8 })],
  ["T2T-ViT", buildT2tVit(tiny)],
])("%s: trainable tensors are those with a gradient, constants are not among them", (_, graph) => {
  const trainable = new Set(parameterNames(graph));
  const constants = [...graph.initializers]
    .filter(([name, { dtype }]) => dtype === "float32" && !trainable.has(name))
    .map(([name]) => name);
  expect(trainable).toContain("blocks.0.attention.qkv.weight");
  expect(trainable).toContain("class_token.embedding");
  for (const name of constants) {
    expect(name).toMatch(/^(zero|one|half|square_root|attention_scale|denominator|positions$)|\.(picks|features)$/);
  }
});

test("the same seed gives the same network, another seed another one", () => {
  const options = { ...tiny, patchSize: 8 };
  expect(buildVit(options)).toEqual(buildVit(options));
  expect(buildVit({ ...options, seed: 2 }).initializers.get("head.weight")).not.toEqual(
    buildVit(options).initializers.get("head.weight"),
  );
});

test("one more layer leaves the weights of the others alone", () => {
  const shallow = buildT2tVit(tiny);
  const deep = buildT2tVit({ ...tiny, depth: 3 });
  for (const name of parameterNames(shallow))
    expect(deep.initializers.get(name)).toEqual(shallow.initializers.get(name));
});

test.each([
  [{ ...tiny, patchSize: 5 }, "patchSize: expected a divisor of 32 (imageSize), got 5"],
  [{ ...tiny, patchSize: 8, heads: 3 }, "width: expected a multiple of 3 (heads), got 16"],
  [{ ...tiny, patchSize: 8, depth: 0 }, "depth: expected a whole number of at least 1, got 0"],
  [{ ...tiny, patchSize: 8, mlpRatio: Number.NaN }, "mlpRatio: expected a positive number, got NaN"],
])("impossible options %# are refused in words", (options, message) => {
  expect(() => buildVit(options)).toThrow(message);
});

test("an image that no window fits into is refused", () => {
  expect(() => buildT2tVit({ ...tiny, imageSize: 2 })).toThrow("imageSize: expected at least 3");
  expect(() => buildT2tVit({ ...tiny, tokenWidth: 0 })).toThrow(
    "tokenWidth: expected a whole number of at least 2, got 0",
  );
});

test("a learned position is a parameter, a sinusoidal one is not", () => {
  const learned = parameterNames(buildVit({ ...tiny, patchSize: 8 }));
  const fixed = parameterNames(buildVit({ ...tiny, patchSize: 8, positions: "sinusoidal" }));
  expect(learned.filter((name) => !fixed.includes(name))).toEqual(["position.embedding"]);
});
