import { bits } from "@quee/core";
import { ptq4vitEncodings, wholeNetwork } from "@quee/ptq4vit-quantizer";
import { oneSample } from "@quee/tooling-testing";
import { bench, describe } from "vitest";
import { backbone } from "./backbone.bench.helper.js";

/** Capture and search together, as an experiment does them. */
async function measure(workers: number): Promise<void> {
  const batches = await backbone.batches(128);
  const blocks = [wholeNetwork(backbone.graph())];
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 50);
  const start = performance.now();
  const bitWidths = [8, 7, 6, 5].map(bits);
  await ptq4vitEncodings({ blocks, batches: () => batches, bitWidths, workers, memoryBytes: 2 ** 28 });
  clearInterval(watch);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `128 images at 8, 7, 6, 5 bits, ${workers} workers: ${seconds} s, peak ${(peak / 2 ** 20).toFixed(0)} MiB`,
  );
}

describe(`PTQ4ViT of ${backbone.name}`, () => {
  bench("2 workers", async () => measure(2), oneSample);
});
