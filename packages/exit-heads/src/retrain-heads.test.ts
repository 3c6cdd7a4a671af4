import { pathKey } from "@quee/core";
import { randomStream, tensor } from "@quee/tensor";
import { describe, expect, test } from "vitest";
import type { ExitHead } from "./exit-head.js";
import { CLASSES, featureTable, inRuns, paths, WIDTH } from "./feature-table.test.fixture.js";
import { mixedFeatures } from "./mixed-features.js";
import { type RetrainHeadsOptions, retrainHeads } from "./retrain-heads.js";

/** Logit k is `sharpness` times feature k: right for paths that are not turned. */
function pointing(sharpness: number): ExitHead {
  const weight = tensor([WIDTH, CLASSES], new Float32Array(WIDTH * CLASSES));
  for (let k = 0; k < CLASSES; k++) weight.data[k * CLASSES + k] = sharpness;
  return { weight, bias: tensor([CLASSES], new Float32Array(CLASSES)) };
}

describe("mixedFeatures", () => {
  const table = featureTable("train", 600, { lean: 1 });

  test("gives every sample its own row of one of the paths, each about as often", () => {
    const mixed = mixedFeatures(table, paths, randomStream(1, "mix"));
    expect(mixed.shape).toEqual([600, WIDTH]);
    const times = paths.map((path) => {
      const all = table.exitFeatures(path);
      return Array.from({ length: 600 }, (_, i) => i).filter((i) => mixed.data[i * WIDTH] === all[i * WIDTH]).length;
    });
    expect(times.reduce((a, b) => a + b)).toBe(600);
    // Five standard deviations around 200.
    for (const count of times) expect(Math.abs(count - 200)).toBeLessThan(58);
  });

  test("is the same of a table that is read in runs, and another with every draw", () => {
    const random = randomStream(1, "mix");
    const first = mixedFeatures(table, paths, random);
    expect(mixedFeatures(inRuns(table, 70), paths, randomStream(1, "mix"))).toEqual(first);
    expect(mixedFeatures(table, paths, random)).not.toEqual(first);
  });
});

describe("retrainHeads", () => {
  const options = (turned: readonly string[], head: ExitHead): RetrainHeadsOptions => ({
    train: featureTable("train", 1500, { lean: 2.5, turned }),
    validation: featureTable("validation", 600, { lean: 2.5, turned }),
    heads: [head, head],
    ...{ batchSize: 50, learningRate: 1e-2, maxEpochs: 20, seed: 3 },
  });

  test("mends heads that read features of another kind than they were trained on", async () => {
    const [first, second] = await retrainHeads(options(["8", "8-8", "8-5"], pointing(2)));
    for (const { from, before, after } of [first, second]) {
      expect(from).not.toBe("unchanged");
      expect(before.accuracy).toBeLessThan(0.3);
      expect(after.accuracy).toBeGreaterThan(0.85);
    }
  });

  test("finds a head between the paths of an exit that say different things", async () => {
    const [first, second] = await retrainHeads(options(["8-5"], pointing(2.5)));
    // The first exit has one path, for which its head was right. Logits 2.5·x are those of Bayes.
    expect(first.after.loss).toBeLessThanOrEqual(first.before.loss);
    expect(first.after.accuracy).toBeGreaterThan(0.85);
    expect(second.before.accuracy).toBeLessThan(0.6);
    expect(second.after.loss).toBeLessThan(second.before.loss - 0.5);
  });

  test("leaves a head alone where validation has nothing better", async () => {
    const { train, ...rest } = options([], pointing(2.5));
    const noise = { ...train, labels: train.labels.map((_, i) => i % CLASSES) };
    const retrained = await retrainHeads({ ...rest, train: noise });
    for (const { from, weight, before, after } of retrained) {
      expect(from).toBe("unchanged");
      expect(weight).toEqual(pointing(2.5).weight);
      expect(after).toEqual(before);
    }
  });

  test("leaves a head alone where no path ends", async () => {
    const { train, validation, ...rest } = options(["8"], pointing(1));
    const first = paths.slice(0, 1);
    const retrained = await retrainHeads({
      ...rest,
      train: { ...train, paths: first },
      validation: { ...validation, paths: first },
    });
    expect(retrained.map(({ from }) => from)).toEqual([expect.not.stringMatching("unchanged"), "unchanged"]);
    expect(retrained[1].weight).toEqual(pointing(1).weight);
  });

  test("gives the same bits for the same seed, of a table in runs too", async () => {
    const of = options(["8-5"], pointing(1));
    const again = { ...of, train: inRuns(of.train, 400), validation: inRuns(of.validation, 100) };
    expect(await retrainHeads(again)).toEqual(await retrainHeads(of));
  });

  test("refuses a table without features of a path, by name", async () => {
    const { train, ...rest } = options([], pointing(1));
    const blind = { ...train, exitFeatureRows: () => new Float32Array(0) };
    await expect(retrainHeads({ ...rest, train: blind })).rejects.toMatchObject({
      kind: "input",
      where: `train features of path ${pathKey(paths[0])}`,
    });
    await expect(retrainHeads({ ...rest, train, heads: rest.heads.slice(1) })).rejects.toThrow(/a path to exit 2/);
  });
});
