import { AdaptiveClassifier, type AdaptiveModel, type RouterSetting } from "@quee/adaptive-classifier";
import type { BenchImages } from "./images.js";

/** Memory of the process while many images pass. */
export interface Soak {
  readonly images: number;
  readonly workers: number;
  readonly seconds: number;
  /** Resident bytes after each tenth of the images. */
  readonly rssBytes: readonly number[];
}

/** Streams images through one classifier, the same ones again and again. */
export async function soak(
  model: AdaptiveModel,
  images: BenchImages,
  {
    count,
    workers,
    setting,
    signal,
  }: {
    readonly count: number;
    readonly workers: number;
    readonly setting: RouterSetting;
    readonly signal: AbortSignal;
  },
): Promise<Soak> {
  const classifier = await AdaptiveClassifier.open(model, { workers });
  const rssBytes: number[] = [];
  const begun = performance.now();
  try {
    function* stream() {
      for (let i = 0; i < count; i++) {
        const { shape, data } = images.rows(i % images.count, (i % images.count) + 1);
        yield { shape: shape.slice(1), data };
      }
    }
    const tenth = Math.ceil(count / 10);
    let done = 0;
    for await (const _ of classifier.classifyEach(stream(), { ...setting, signal })) {
      if (++done % tenth === 0 || done === count) rssBytes.push(process.memoryUsage.rss());
    }
    return { images: done, workers, seconds: (performance.now() - begun) / 1000, rssBytes };
  } finally {
    await classifier.close();
  }
}
