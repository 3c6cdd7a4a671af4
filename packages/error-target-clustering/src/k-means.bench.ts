import { openPool } from "@quee/onnx-session";
import type { Tensor } from "@quee/tensor";
import { compareVariants, oneSample } from "@quee/tooling-testing";
import { bench, describe } from "vitest";
import { kMeans } from "./k-means.js";
import { libraryLloyd } from "./library-lloyd.js";
import { lloydInPool } from "./lloyd-in-pool.js";
import type { LloydRunner } from "./lloyd-runner.js";
import { probabilityTable } from "./samples.test.fixture.js";

/** Cells of one path, ten restarts: what the data sets of the paper ask for (table 3, section 7.1.3). */
const problems = [
  { dataset: "CIFAR-10", count: 5000, classCount: 10, clusterCount: 20 },
  { dataset: "SVHN", count: 5000, classCount: 10, clusterCount: 70 },
  { dataset: "CIFAR-100", count: 5000, classCount: 100, clusterCount: 70 },
  { dataset: "ImageNet", count: 600, classCount: 1000, clusterCount: 40 },
];

async function compare({ dataset, count, classCount, clusterCount }: (typeof problems)[number]): Promise<void> {
  const table = probabilityTable({ count, classCount, seed: 1 });
  const points: Tensor = { shape: [count, classCount], data: table.probabilities(table.paths[1]) };
  const [one, two] = [await openPool({ workers: 1 }), await openPool({ workers: 2 })];
  const options = { clusterCount, restarts: 10, initialization: "random", seed: 1, name: "bench" } as const;
  const by = (lloyd: LloydRunner) => () => kMeans(points, { ...options, lloyd });
  await compareVariants(
    {
      ...{ part: "k-means", rounds: 3 },
      work: `${count} points of ${classCount} classes, ${clusterCount} cells (${dataset})`,
    },
    {
      "ml-kmeans": by(libraryLloyd),
      "onnxruntime, 1 worker": by(lloydInPool(one)),
      "onnxruntime, 2 workers": by(lloydInPool(two)),
    },
  );
  await Promise.all([one.close(), two.close()]);
}

describe("k-means of one path, ten restarts", () => {
  for (const problem of problems) bench(problem.dataset, async () => compare(problem), oneSample);
});
