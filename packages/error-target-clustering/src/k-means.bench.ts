import { openPool } from "@quee/onnx-session";
import type { Tensor } from "@quee/tensor";
import { bench, describe } from "vitest";
import { kMeans } from "./k-means.js";
import { libraryLloyd } from "./library-lloyd.js";
import { lloydInPool } from "./lloyd-in-pool.js";
import { probabilityTable } from "./samples.test.fixture.js";

/** Cells of one path, ten restarts: what the data sets of the paper ask for (table 3, section 7.1.3). */
const problems = [
  { name: "CIFAR-10: 5,000 points of 10 classes, 20 cells", count: 5000, classCount: 10, clusterCount: 20 },
  { name: "SVHN: 5,000 points of 10 classes, 70 cells", count: 5000, classCount: 10, clusterCount: 70 },
  { name: "CIFAR-100: 5,000 points of 100 classes, 70 cells", count: 5000, classCount: 100, clusterCount: 70 },
  { name: "ImageNet: 600 points of 1,000 classes, 40 cells", count: 600, classCount: 1000, clusterCount: 40 },
];

// A pass of ml-kmeans takes seconds: two passes are enough to see a ratio.
const passes = { iterations: 2, time: 0, warmupIterations: 0, warmupTime: 0 };

describe.each(problems)("$name", async ({ count, classCount, clusterCount }) => {
  const table = probabilityTable({ count, classCount, seed: 1 });
  const points: Tensor = { shape: [count, classCount], data: table.probabilities(table.paths[1]) };
  const options = { clusterCount, restarts: 10, initialization: "random", seed: 1, name: "bench" } as const;
  const one = lloydInPool(await openPool({ workers: 1 }));
  const two = lloydInPool(await openPool({ workers: 2 }));
  bench("ml-kmeans", async () => void (await kMeans(points, { ...options, lloyd: libraryLloyd })), passes);
  bench("onnxruntime, 1 worker", async () => void (await kMeans(points, { ...options, lloyd: one })), passes);
  bench("onnxruntime, 2 workers", async () => void (await kMeans(points, { ...options, lloyd: two })), passes);
});
