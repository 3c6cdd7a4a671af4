import { bits } from "@quee/core";
import { GraphBuilder } from "@quee/onnx-graph";
import { randomStream, type Tensor } from "@quee/tensor";
import type { Site, SiteRole } from "@quee/vit-blocks";
import { expect, test } from "vitest";
import { calibrateBlocks } from "./calibrate-blocks.js";
import { type BlockEncodings, blockEncodingsSchema } from "./encodings.js";
import { fakeQuantizeGraph } from "./fake-quantize-graph.js";
import { minMaxEncodings } from "./min-max-encodings.js";
import { ptq4vitEncodings } from "./ptq4vit-encodings.js";
import type { StemBits } from "./stem-bits.js";

const random = randomStream(3, "stem bits");
const floats = (count: number) => Float32Array.from({ length: count }, () => random.normal());
const images: Tensor = { shape: [12, 4], data: floats(48) };

/** A linear layer before the first block, and a head. */
function network() {
  const builder = new GraphBuilder("two layers");
  builder.matMul(builder.input("pixels", ["batch", 4]), builder.tensor("first", [4, 6], floats(24)), "hidden");
  builder.matMul("hidden", builder.tensor("second", [6, 3], floats(18)), "logits");
  builder.output("logits", ["batch", 3]);
  const site = (role: SiteRole, input: string, weight: string, output: string): Site => ({
    ...{
      node: output,
      kind: "linear",
      role,
      layer: null,
      activations: [input],
      output,
      weight,
      weightLayout: "in-out",
    },
    ...{ bias: null, groups: 1, postGelu: false, postSoftmax: false },
  });
  const sites = [site("stem-linear", "pixels", "first", "hidden"), site("head", "hidden", "second", "logits")];
  return { graph: builder.build(), sites };
}

const levels = [8, 5, 3].map(bits);
const bitsOf = (found: readonly BlockEncodings[]) =>
  found.map(({ sites }) => Object.fromEntries(sites.map(({ role, bits: width }): [string, number?] => [role, width])));
const expected: readonly [StemBits, ReturnType<typeof bitsOf>][] = [
  ["highest", [5, 3, 8].map((head) => ({ "stem-linear": 8, head }))],
  ["levels", [5, 3, 8].map((head) => ({ "stem-linear": head, head }))],
  ["float", [5, 3, 8].map((head) => ({ head }))],
];

test.each(expected)("a stem at %s, with scales that are searched and those of ranges", async (stem, widths) => {
  const block = network();
  const order = [5, 3, 8].map(bits);
  const searched = await ptq4vitEncodings({ blocks: [block], batches: () => [images], bitWidths: order, stem });
  expect(bitsOf(searched.blocks[0])).toEqual(widths);
  const [ranges] = await calibrateBlocks({ blocks: [block], batches: [images] });
  const plain = order.map((level) => minMaxEncodings(block.graph, block.sites, ranges, level, { stem, levels }));
  expect(bitsOf(plain)).toEqual(widths);
});

test("a stem at the highest level has the scales of that level, and is rounded at its bits", async () => {
  const block = network();
  const found = await ptq4vitEncodings({ blocks: [block], batches: () => [images], bitWidths: levels });
  const [eight, , three] = found.blocks[0];
  expect(three.sites[0]).toEqual(eight.sites[0]);
  const weightOf = (encodings: BlockEncodings) =>
    [...fakeQuantizeGraph(block.graph, encodings).initializers].find(([name]) => name.startsWith("first"))?.[1].data;
  expect(weightOf(three)).toEqual(weightOf(eight));
  expect(new Set(weightOf(three) as Float32Array).size).toBeGreaterThan(8);
  expect(blockEncodingsSchema.parse(JSON.parse(JSON.stringify(three)))).toEqual(three);
});
