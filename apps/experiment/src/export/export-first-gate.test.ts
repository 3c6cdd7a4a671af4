import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AdaptiveClassifier, type AdaptiveModel, readModelDirectory, type Wish } from "@quee/adaptive-classifier";
import { bits as levelOf, pathKey } from "@quee/core";
import { syntheticDigits } from "@quee/datasets";
import { type Results, resultsSchema } from "@quee/report";
import { firstBitsAt } from "@quee/router";
import type { Tensor } from "@quee/tensor";
import { afterAll, beforeAll, expect, test } from "vitest";
import { smallRun } from "./small-run.test.fixture.js";

const { folder, run, quee, makeRun } = smallRun();
const out = join(folder, "model");
let results: Results;
let model: AdaptiveModel;

beforeAll(async () => {
  makeRun("paths.first=chosen", "cost.routing=blocks-only", "live.images=20");
  expect(quee("export", run, "--out", out, "--arithmetic", "fake-quant", "--threads", "1").status).toBe(0);
  results = resultsSchema.parse(JSON.parse(readFileSync(join(run, "results.json"), "utf8")));
  model = await readModelDirectory(out);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const images = syntheticDigits({ seed: 1, role: "test", count: 6 });
const pictures = Array.from(
  { length: images.count },
  (_, i): Tensor => ({ shape: images.imageShape, data: Float32Array.from(images.image(i), (byte) => byte / 255) }),
);

/** The rows of `eval/operating_points.csv`. */
function wishes() {
  const [header = "", ...rows] = readFileSync(join(out, "eval/operating_points.csv"), "utf8").trim().split("\n");
  const names = header.split(",");
  return rows.map((row) => Object.fromEntries(row.split(",").map((value, c) => [names[c], value])));
}

test("a run whose first gate chooses says the bits of block 1 at every setting, and what λ weighs", () => {
  const quee = results.curves.find(({ method }) => method === "quee");
  const known = new Set(quee?.points.map(({ firstBits }) => firstBits));
  expect([...known].sort()).toEqual([5, 8]);
  expect(quee?.points[0]).toMatchObject({ firstBits: 5, pathShares: { "5": 1 } });
  for (const { firstBits, pathShares = {} } of quee?.points ?? []) {
    for (const path of Object.keys(pathShares)) expect(path.startsWith(String(firstBits))).toBe(true);
  }
  expect(results.cost).toMatchObject({ model: "with-stem", routing: "blocks-only" });
  expect(results.paths).toHaveLength(5);
});

test.each(["with-stem", "blocks-only", "weights-times-activations"])(
  "every point and every wish leads the classifier to its own bits of block 1, by %s",
  async (costs) => {
    const { curve = [], firstGate = [] } = model.routing.find(({ name }) => name === costs) ?? {};
    const classifier = await AdaptiveClassifier.load(out, { costs });
    try {
      const firstOf = async (wish: Wish) => {
        const answers = await classifier.classify(pictures, wish);
        const all = new Set(answers.map(({ path }) => path[0]));
        expect(all.size, answers.map(({ path }) => pathKey(path)).join()).toBe(1);
        return [...all][0];
      };
      for (const { setting: lambda, firstBits, cost } of curve) {
        expect(await firstOf({ lambda })).toBe(firstBitsAt(firstGate, lambda));
        expect(await firstOf({ budget: cost })).toBe(firstBits);
      }
      for (const { wish, value, reached, lambda, bits_of_block_1: bits } of wishes().filter(
        (row) => row["costs"] === costs,
      )) {
        expect(await firstOf({ lambda: Number(lambda), firstBits: levelOf(Number(bits)) })).toBe(Number(bits));
        if (wish === "budget" && reached === "true") {
          expect(await firstOf({ budget: Number(value) })).toBe(Number(bits));
        }
      }
    } finally {
      await classifier.close();
    }
  },
);

test("the card says where block 1 runs, and what λ weighs", () => {
  const card = readFileSync(join(out, "README.md"), "utf8");
  expect(card).toContain("Block 1 runs at bits that validation images chose for each λ");
  expect(card).toContain("λ weighs blocks-only");
});
