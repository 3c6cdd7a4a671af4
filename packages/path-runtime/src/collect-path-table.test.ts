import { test as propertyTest } from "@fast-check/vitest";
import { bits, legalPaths, type PathSpace, pathKey, uniformPaths } from "@quee/core";
import { expectAllclose } from "@quee/tooling-testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { collectPathTable } from "./collect-path-table.js";
import { levels, plainExitFeatures, plainNetwork, plainProbabilities } from "./testing/plain-network.js";

const space: PathSpace = { levels, exitCount: 3, order: "monotone", firstBlock: "highest" };
const paths = [...legalPaths(space), ...levels.flatMap((level) => uniformPaths(level, 3))];
const labelsOf = (count: number) => Int32Array.from({ length: count }, (_, i) => i % 4);
const collect = (network: ReturnType<typeof plainNetwork>, more: object = {}) =>
  collectPathTable({
    ...network,
    role: "validation",
    labels: labelsOf(network.images.count),
    paths,
    batchSize: 5,
    ...more,
  });

propertyTest.prop([fc.integer({ min: 0, max: 17 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 4 })])(
  "a table holds what every image would get on every path alone, whatever the batches and workers",
  async (count, batchSize, workers) => {
    const table = await collect(plainNetwork({ exitCount: 3, count, workers }), { batchSize });
    expect(table.role).toBe("validation");
    expect(table.labels).toEqual(labelsOf(count));
    for (const path of paths) {
      for (let i = 0; i < count; i++) {
        const row = table.probabilities(path).subarray(4 * i, 4 * i + 4);
        expectAllclose(row, plainProbabilities(i, path, count), { atol: 1e-7 });
      }
    }
  },
);

test("each block, level and prefix runs once for each image, and only what the paths need", async () => {
  const network = plainNetwork({ exitCount: 3, count: 12 });
  await collect(network, { paths: [...legalPaths(space), ...legalPaths(space)] });
  const runs = new Map<string, number>();
  for (const { model, count } of network.calls) runs.set(model, (runs.get(model) ?? 0) + count);
  // Behind 8-8 come 8, 6, 5; behind 8-6 come 6, 5; behind 8-5 comes 5.
  expect(Object.fromEntries([...runs].map(([model, count]) => [model, count / 12]))).toEqual({
    "1@8": 1,
    "2@8": 1,
    "2@6": 1,
    "2@5": 1,
    "3@8": 1,
    "3@6": 2,
    "3@5": 3,
  });
  expect(network.asked.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
});

test("exit features are kept for the paths that were named, at no further run", async () => {
  const featurePaths = [[bits(8)], [bits(8), bits(6)]];
  const network = plainNetwork({ exitCount: 3, count: 12 });
  const table = await collect(network, { featurePaths });
  for (const path of featurePaths) {
    const expected = Array.from({ length: 12 }, (_, i) => [...plainExitFeatures(i, path, 12)]);
    expectAllclose(table.exitFeatures?.(path) ?? [], expected.flat(), { atol: 1e-6 });
  }
  expect(table.exitFeatures?.([bits(6)])).toEqual(new Float32Array(0));
  const without = plainNetwork({ exitCount: 3, count: 12 });
  expect((await collect(without)).exitFeatures).toBeUndefined();
  expect(network.calls).toHaveLength(without.calls.length);
  await expect(collect(network, { featurePaths: [[bits(8), bits(4)]] })).rejects.toThrow(/got 8-4/);
});

test("repeated paths count once, in the order of first mention", async () => {
  const [first, second] = [[bits(8), bits(6)], [bits(8)]];
  const table = await collect(plainNetwork({ exitCount: 3, count: 2 }), { paths: [first, second, first] });
  expect(table.paths.map(pathKey)).toEqual(["8-6", "8"]);
});

test("all workers have work, and no more waits than one batch", async () => {
  const network = plainNetwork({ exitCount: 3, count: 60, workers: 3 });
  await collect(network);
  expect(network.underWay.most).toBe(4);
});

test("progress counts images and ends with all of them", async () => {
  const seen: number[] = [];
  await collect(plainNetwork({ exitCount: 3, count: 12 }), {
    onProgress: ({ done, total }: { done: number; total: number }) => {
      expect(total).toBe(12);
      seen.push(done);
    },
  });
  expect(seen).toEqual([5, 10, 12].map((_, i) => seen[i]));
  expect(seen.at(-1)).toBe(12);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test("an abort rejects with its reason and starts nothing more", async () => {
  const network = plainNetwork({ exitCount: 3, count: 100 });
  const controller = new AbortController();
  const onProgress = ({ done }: { done: number }) => {
    if (done >= 10) controller.abort(new Error("enough"));
  };
  await expect(collect(network, { signal: controller.signal, onProgress })).rejects.toThrow("enough");
  expect(network.asked.length).toBeLessThanOrEqual(25);
});

test.each([
  ["labels that do not match", { labels: new Int32Array(3) }, /labels: expected one for each of 4 images, got 3/],
  ["no paths", { paths: [] }, /paths: expected paths of 1 … 3 blocks, got none/],
  ["a path too long", { paths: [[bits(8), bits(8), bits(8), bits(8)]] }, /got "8-8-8-8"/],
  ["a batch of nothing", { batchSize: 0 }, /batchSize: expected a whole number above 0, got 0/],
  [
    "another class count",
    { blocks: { ...plainNetwork({ exitCount: 3, count: 4 }).blocks, classCount: 5 } },
    /model "\d@\d", output "logits": expected \[4, 5\], got \[4, 4\]/,
  ],
])("%s: refused", async (_, change, message) => {
  await expect(collect(plainNetwork({ exitCount: 3, count: 4 }), change)).rejects.toThrow(message);
});

test("logits that are not finite are a numeric error that names the model", async () => {
  const network = plainNetwork({ exitCount: 3, count: 4 });
  const images = {
    count: 4,
    batch: (indices: Int32Array) => {
      const pixels = network.images.batch(indices);
      if (!("data" in pixels)) throw new Error("plain images come at once");
      return { shape: pixels.shape, data: pixels.data.fill(Number.NaN) };
    },
  };
  await expect(collect({ ...network, images })).rejects.toThrow(
    expect.objectContaining({ kind: "numeric", where: expect.stringContaining('model "1@8"') }),
  );
});
