import { inferShapes } from "@quee/onnx-graph";
import { expect, test } from "vitest";
import { buildT2tVit } from "./t2t-vit.js";
import { buildVit } from "./vit.js";

const tiny = { imageSize: 32, width: 16, depth: 2, heads: 2, mlpRatio: 2, classCount: 10, seed: 1 };

test("a ViT's tokens, scores and logits have the shapes of the paper for any batch", () => {
  const shapes = inferShapes(buildVit({ ...tiny, patchSize: 8 }));
  expect(shapes.get("patches")?.shape).toEqual(["batch", 16, 192]);
  expect(shapes.get("stem")?.shape).toEqual(["batch", 17, 16]);
  expect(shapes.get("blocks.1.attention.scores")?.shape).toEqual(["batch", 2, 17, 17]);
  expect(shapes.get("blocks.1")?.shape).toEqual(["batch", 17, 16]);
  expect(shapes.get("logits")?.shape).toEqual(["batch", 10]);
});

test("a T2T-ViT halves its map at every soft split", () => {
  const shapes = inferShapes(buildT2tVit({ ...tiny, imageSize: 64 }));
  expect(shapes.get("tokens_to_token.split0")?.shape).toEqual(["batch", 256, 147]);
  expect(shapes.get("tokens_to_token.split1")?.shape).toEqual(["batch", 64, 576]);
  expect(shapes.get("tokens_to_token.split2")?.shape).toEqual(["batch", 16, 576]);
  expect(shapes.get("stem")?.shape).toEqual(["batch", 17, 16]);
  expect(shapes.get("logits")?.shape).toEqual(["batch", 10]);
});
