import { pathKey } from "@quee/core";
import { randomStream, tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { answerWithHeads } from "./answer-with-heads.js";
import type { ExitHead } from "./exit-head.js";
import { CLASSES, featureTable, inRuns, paths, WIDTH } from "./feature-table.test.fixture.js";

function randomHead(seed: number): ExitHead {
  const random = randomStream(seed, "head");
  const draw = (length: number) => Float32Array.from({ length }, () => random.normal());
  return { weight: tensor([WIDTH, CLASSES], draw(WIDTH * CLASSES)), bias: tensor([CLASSES], draw(CLASSES)) };
}

/** softmax(x·W + b) of one row, in plain loops. */
function plainly({ weight, bias }: ExitHead, x: Float32Array): number[] {
  const powers = Array.from(bias.data, (b, k) =>
    Math.exp(x.reduce((sum, value, d) => sum + value * weight.data[d * CLASSES + k], b)),
  );
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

test("every path has the answers of its own exit's head", async () => {
  const table = inRuns(featureTable("test", 20, { lean: 1 }), 7);
  const heads = [randomHead(1), randomHead(2)];
  const answered = await answerWithHeads(table, heads);
  expect(answered.role).toBe("test");
  expect(answered.labels).toEqual(table.labels);
  expect(answered.paths.map(pathKey)).toEqual(paths.map(pathKey));
  for (const path of paths) {
    for (let i = 0; i < table.count; i++) {
      const x = table.exitFeatureRows?.(path, [i]) ?? new Float32Array(0);
      const row = answered.probabilities(path).subarray(i * CLASSES, (i + 1) * CLASSES);
      expectAllclose(row, plainly(heads[path.length - 1], x), { atol: 1e-6 });
    }
    expect(answered.exitFeatures?.(path)).toEqual(table.exitFeatures?.(path));
  }
});

test("a table whose features are of another width is refused", async () => {
  const narrow = { weight: tensor([2, CLASSES], new Float32Array(2 * CLASSES)), bias: randomHead(1).bias };
  await expect(answerWithHeads(featureTable("test", 5, { lean: 1 }), [narrow, narrow])).rejects.toMatchObject({
    where: "test features of path 8",
    expected: "2 numbers a sample",
    got: "4",
  });
});
