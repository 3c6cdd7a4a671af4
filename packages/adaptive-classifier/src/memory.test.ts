import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { AdaptiveClassifier } from "./adaptive-classifier.js";
import { imageShape, randomImages, smallModel } from "./testing/small-model.js";

/** Bytes of live objects and arrays. */
function liveBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test("memory does not grow with the number of images that pass", async () => {
  const images = randomImages(64);
  const classifier = await AdaptiveClassifier.open(await smallModel(), { batchSize: 16 });
  const { signal } = new AbortController();
  const pass = async (count: number) => {
    function* stream() {
      for (let i = 0; i < count; i++)
        yield { shape: imageShape, data: images.data.slice(12 * (i % 64), 12 * (i % 64) + 12) };
    }
    let answered = 0;
    for await (const _ of classifier.classifyEach(stream(), { lambda: 0.12, signal })) answered++;
    expect(answered).toBe(count);
  };
  try {
    await pass(2_000);
    const before = liveBytes();
    await pass(12_000);
    // An image that stayed behind would be a kilobyte or so: 12 MB in all.
    expect(liveBytes() - before).toBeLessThan(2_000_000);
  } finally {
    await classifier.close();
  }
}, 60_000);
