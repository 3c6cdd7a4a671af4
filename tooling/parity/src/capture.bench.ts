import { captureSites, wholeNetwork } from "@quee/ptq4vit-quantizer";
import { compareVariants, oneSample } from "@quee/tooling-testing";
import { bench, describe } from "vitest";
import { backbone } from "./backbone.bench.helper.js";

const count = 32;

/** A budget of nothing leaves every product a forward and backward pass of its own, as the public code of PTQ4ViT runs them. */
async function compare(): Promise<void> {
  const batches = await backbone.batches(count);
  const blocks = [wholeNetwork(backbone.graph())];
  const capture = async (memoryBytes: number) => {
    const options = { blocks, batches: () => batches, gradient: "ce-pseudo", labels: null, memoryBytes } as const;
    let products = 0;
    for await (const group of captureSites(options)) products += group.length;
    return products;
  };
  const work = `${await capture(2 ** 30)} products of ${backbone.name}, ${count} images`;
  await compareVariants(
    { part: "capture", work, rounds: 5 },
    {
      "network run once per product": () => capture(0),
      "as many products in a run as fit 64 MiB": () => capture(2 ** 26),
      "as many products in a run as fit 1 GiB": () => capture(2 ** 30),
    },
  );
}

describe("inputs, outputs and gradients for PTQ4ViT, one thread", () => {
  bench(backbone.name, compare, oneSample);
});
