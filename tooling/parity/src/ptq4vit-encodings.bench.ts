import { bits } from "@quee/core";
import { ptq4vitEncodings } from "@quee/ptq4vit-quantizer";
import { bench, describe } from "vitest";
import { calibration, isThere } from "./calibration.bench-helper.js";

/** Capture and search together, as an experiment does them. */
async function measure(workers: number): Promise<void> {
  const { blocks, batches } = await calibration(128);
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 50);
  const start = performance.now();
  await ptq4vitEncodings({ blocks, batches, bitWidths: [8, 7, 6, 5].map(bits), workers, memoryBytes: 2 ** 28 });
  clearInterval(watch);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `128 images at 8, 7, 6, 5 bits, ${workers} workers: ${seconds} s, peak ${(peak / 2 ** 20).toFixed(0)} MiB`,
  );
}

const once = { iterations: 1, warmupIterations: 0, time: 0, warmupTime: 0 };

describe.skipIf(!isThere)("PTQ4ViT of T2T-ViT-7", () => {
  bench("2 workers", () => measure(2), once);
});
