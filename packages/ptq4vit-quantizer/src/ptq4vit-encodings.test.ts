import { bits } from "@quee/core";
import { GraphBuilder } from "@quee/onnx-graph";
import type { Tensor } from "@quee/tensor";
import type { Site } from "@quee/vit-blocks";
import { describe, expect, test } from "vitest";
import { calibrateBlocks } from "./calibrate-blocks.js";
import { type Ptq4vitOptions, ptq4vitEncodings } from "./ptq4vit-encodings.js";

/** One linear layer, 4 → 3, with its weights times a factor. */
function layer(factor = 1) {
  const builder = new GraphBuilder("one linear layer");
  const data = Float32Array.of(0.9, -0.2, 0.4, 1.1, -0.7, 0.3, 0.5, -1.2, 0.8, -0.6, 0.1, 0.7).map((w) => w * factor);
  const weight = builder.tensor("weight", [4, 3], data);
  builder.output(builder.matMul(builder.input("pixels", ["batch", 4]), weight, "logits"), ["batch", 3]);
  const site = {
    ...{ kind: "linear", role: "head", layer: null, activations: ["pixels"], output: "logits", bias: null, groups: 1 },
    ...{ node: "logits", weight, weightLayout: "in-out", postGelu: false, postSoftmax: false },
  } as Site;
  return { graph: builder.build(), sites: [site] };
}

const batch = (...data: number[]): Tensor => ({ shape: [data.length / 4, 4], data: Float32Array.from(data) });
const images = [batch(0.1, -2, 0.7, 1.3, 0.2, 0.6, -0.9, 2.1), batch(-0.4, 1, 0.3, 0.8)];

const encode = (change: Partial<Ptq4vitOptions> = {}) =>
  ptq4vitEncodings({ blocks: [layer()], batches: () => images, bitWidths: [8, 4].map(bits), ...change });

test("threads beside this one find the same scales", async () => {
  expect(await encode({ workers: 2 })).toEqual(await encode());
});

test("what a search holds depends on the images, not on how many passes it may take", async () => {
  expect(await encode({ memoryBytes: 1 })).toEqual(await encode());
});

describe("what no scale can come from is refused, and named:", () => {
  function* generator() {
    yield* images;
  }
  const spent = generator();
  test.each<[string, Partial<Ptq4vitOptions>, RegExp]>([
    ["no images", { batches: () => [] }, /calibration images: expected at least one, got none/],
    ["images that one pass uses up", { batches: () => spent }, /expected the same 3 .* at each pass, got 0/],
    ["answers that overflow", { blocks: [layer(2e38)] }, /logits of the float network: expected finite values/],
    [
      "weights that are not numbers",
      { blocks: [layer(Number.NaN)] },
      /site "logits", weight "weight": expected finite values, got .*NaN/,
    ],
    ["pixels that are not numbers", { batches: () => [batch(1, Number.NaN, 1, 1)] }, /logits.*got NaN/],
    ["too few labels", { gradient: "ce-label", labels: Int32Array.of(1, 2) }, /expected a label for each of 1/],
  ])("%s", async (_, change, message) => {
    await expect(encode(change)).rejects.toThrow(message);
  });

  test("by the ranges alone too", async () => {
    const ranges = await calibrateBlocks({ blocks: [layer()], batches: [batch(1, Number.NaN, 1, 1)] });
    expect(ranges[0].get("pixels")).toBeNaN();
  });
});
