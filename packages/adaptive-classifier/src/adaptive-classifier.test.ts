import { bits, pathKey } from "@quee/core";
import { replay } from "@quee/path-tables";
import {
  firstBitsAt,
  operatingPointForAccuracy,
  operatingPointForBudget,
  type Predict,
  queePolicy,
} from "@quee/router";
import type { Tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { AdaptiveClassifier, type Classification, type ClassifierOptions } from "./adaptive-classifier.js";
import type { AdaptiveModel, RoutingTable } from "./model.js";
import type { Picture } from "./pictures.js";
import {
  collected,
  costTables,
  freeSpace,
  imageShape,
  randomImages,
  smallBlock,
  smallModel,
  space,
} from "./testing/small-model.js";

const count = 80;
const images = randomImages(count);
const imageAt = (i: number): Tensor => ({ shape: imageShape, data: images.data.slice(12 * i, 12 * (i + 1)) });
const middle = { lambda: 0.12 };

let model: AdaptiveModel;
beforeAll(async () => {
  model = await smallModel();
});

const opened: AdaptiveClassifier[] = [];
async function open(options: ClassifierOptions = {}): Promise<AdaptiveClassifier> {
  const classifier = await AdaptiveClassifier.open(model, options);
  opened.push(classifier);
  return classifier;
}
afterEach(async () => {
  for (const classifier of opened.splice(0)) await classifier.close();
});

const facts = ({ class: answer, path }: Classification) => `${answer} on ${pathKey(path)}`;

function expectAlike(answers: readonly Classification[], expected: readonly Classification[]): void {
  expect(answers.map(facts)).toEqual(expected.map(facts));
  for (const [i, { probabilities, predictedError }] of answers.entries()) {
    expectAllclose(probabilities, expected[i]!.probabilities, { rtol: 0, atol: 1e-5 });
    expect(predictedError).toBeCloseTo(expected[i]!.predictedError!, 5);
  }
}

test.each([
  ["the cheapest", { lambda: 10 }],
  ["in between", middle],
  ["the most accurate", { lambda: 0 }],
  ["in between, within a limit per image", { ...middle, maxCost: 0.8 }],
  ["in between, abstaining", { ...middle, abstainAbove: 0.02 }],
])("decisions are those of the replay: %s", async (_, wish) => {
  const table = await collected(images);
  const predict = (view: Parameters<typeof model.gates.predict>[0]) => model.gates.predict(view);
  const costs = costTables["with-stem"];
  const replayed = replay(queePolicy({ predict, costs, space, ...wish }), table, { space });
  const answers = await (await open({ batchSize: 7, workers: 2 })).classify(images, wish);
  expect(answers.map(({ path }) => pathKey(path))).toEqual(
    Array.from(replayed.pathIndex, (p) => pathKey(table.paths[p]!)),
  );
  expect(answers.map((answer) => answer.class ?? -1)).toEqual([...replayed.prediction]);
  for (const { path, cost, bitOps } of answers) {
    expect(cost).toBe(costs.byPath.get(pathKey(path)));
    expect(bitOps).toBe(cost * costs.unitCost);
    if ("maxCost" in wish) expect(cost).toBeLessThanOrEqual(0.8);
  }
  for (const [i, { path, probabilities }] of answers.entries()) {
    expectAllclose(probabilities, table.probabilities(path).subarray(4 * i, 4 * i + 4), { rtol: 0, atol: 1e-5 });
  }
});

test("the settings of these tests do send images different ways, and make some abstain", async () => {
  const classifier = await open();
  const ways = new Set((await classifier.classify(images, middle)).map(({ path }) => path.length));
  expect(ways).toEqual(new Set([1, 2, 3]));
  const abstaining = await classifier.classify(images, { ...middle, abstainAbove: 0.02 });
  const silent = abstaining.filter((answer) => answer.class === null);
  expect(silent.length).toBeGreaterThan(0);
  expect(silent.length).toBeLessThan(count);
  for (const { className, predictedError } of silent) {
    expect(className).toBeNull();
    expect(predictedError).toBeGreaterThan(0.02);
  }
});

test.each([
  [1, 1],
  [1, 32],
  [2, 5],
])("answers do not depend on workers (%d) and batch size (%d)", async (workers, batchSize) => {
  const expected = await (await open()).classify(images, middle);
  expectAlike(await (await open({ workers, batchSize, capacity: 2 * batchSize })).classify(images, middle), expected);
});

test("a single image gets the answer that it gets in company", async () => {
  const classifier = await open({ workers: 2 });
  const together = await classifier.classify(images, middle);
  for (const i of [0, 13, 79]) expectAlike(await classifier.classify(imageAt(i), middle), [together[i]!]);
});

test("ten callers at once, each with a wish of its own, get their own answers", async () => {
  const classifier = await open({ workers: 2, batchSize: 8 });
  const wishes = [0, 0.05, 0.12, 0.3, 5].map((lambda) => ({ lambda }));
  const callers = Array.from({ length: 10 }, (_, c) => ({
    wish: wishes[c % wishes.length]!,
    own: Array.from({ length: 15 }, (_unused, k) => (c * 11 + k * 3) % count),
  }));
  const alone: Classification[][] = [];
  for (const { wish, own } of callers) alone.push([...(await classifier.classify(own.map(imageAt), wish))]);
  const atOnce = await Promise.all(callers.map(({ wish, own }) => classifier.classify(own.map(imageAt), wish)));
  for (const [c, answers] of atOnce.entries()) expectAlike(answers, alone[c]!);
});

test("a budget and an accuracy drop take the λ that validation images recommend", async () => {
  const classifier = await open();
  const [{ curve }] = model.routing as [AdaptiveModel["routing"][number]];
  const budget = 0.7;
  const byBudget = operatingPointForBudget(curve, budget)!;
  expect((await classifier.classify(images, { budget })).map(facts)).toEqual(
    (await classifier.classify(images, { lambda: byBudget.setting })).map(facts),
  );
  const byAccuracy = operatingPointForAccuracy(curve, model.floatTop1 - 0.2)!;
  expect((await classifier.classify(images, { accuracyDrop: 0.2 })).map(facts)).toEqual(
    (await classifier.classify(images, { lambda: byAccuracy.setting })).map(facts),
  );
  await expect(classifier.classify(images, { budget: 0.1 })).rejects.toMatchObject({ kind: "usage", where: "budget" });
  await expect(classifier.classify(images, {} as never)).rejects.toMatchObject({ kind: "usage", got: "0 of them" });
});

describe("a first gate that chooses", () => {
  let free: AdaptiveModel;
  beforeAll(async () => {
    free = await smallModel(freeSpace);
  });

  test("sends all images to the bits that validation images chose for the λ, and decides on as the replay does", async () => {
    const [{ costs, firstGate = [], curve }] = free.routing as [RoutingTable];
    const table = await collected(images, freeSpace);
    const classifier = await AdaptiveClassifier.open(free);
    opened.push(classifier);
    const predict: Predict = (view) => free.gates.predict(view);
    expect(new Set(firstGate.map((step) => step.bits)).size).toBeGreaterThan(1);
    // One λ of each step, and the settings of some wishes.
    const wishes = [...firstGate.map(({ from }) => from), Number.POSITIVE_INFINITY].map((lambda) => ({ lambda }));
    for (const { lambda } of [...wishes, { lambda: operatingPointForBudget(curve, 0.4)!.setting }]) {
      const firstBits = firstBitsAt(firstGate, lambda);
      const policy = queePolicy({ predict, costs, space: freeSpace, lambda, firstBits });
      const replayed = replay(policy, table, { space: freeSpace });
      const answers = await classifier.classify(images, { lambda });
      expect(answers.map(({ path }) => pathKey(path))).toEqual(
        Array.from(replayed.pathIndex, (p) => pathKey(table.paths[p]!)),
      );
      expect(new Set(answers.map(({ path }) => path[0]))).toEqual(new Set([firstBits]));
    }
  });

  test("meets budgets that the most bits alone exceed", async () => {
    const classifier = await AdaptiveClassifier.open(free);
    opened.push(classifier);
    const budget = 0.3;
    await expect((await open()).classify(images, { budget })).rejects.toMatchObject({ where: "budget" });
    const answers = await classifier.classify(images, { budget });
    expect(answers.every(({ path }) => path[0]! < 8)).toBe(true);
  });
});

test("where λ weighs other costs than those that count, ways follow the former, budgets and limits the latter", async () => {
  const [first, blocks] = model.routing as [RoutingTable, RoutingTable];
  const predict: Predict = (view) => model.gates.predict(view);
  const table = await collected(images);
  const classifier = await AdaptiveClassifier.open({
    ...{ ...model, routing: [{ ...first, routesBy: blocks.name }, blocks] },
  });
  opened.push(classifier);
  for (const wish of [middle, { ...middle, maxCost: 0.8 }]) {
    const policy = queePolicy({ ...wish, predict, space, costs: blocks.costs, counted: first.costs });
    const { pathIndex } = replay(policy, table, { space });
    const answers = await classifier.classify(images, wish);
    expect(answers.map(({ path }) => pathKey(path))).toEqual(Array.from(pathIndex, (p) => pathKey(table.paths[p]!)));
    for (const { path, cost } of answers) expect(cost).toBe(first.costs.byPath.get(pathKey(path)));
    if ("maxCost" in wish) for (const { cost } of answers) expect(cost).toBeLessThanOrEqual(0.8);
  }
  const ways = async (of: AdaptiveClassifier) =>
    (await of.classify(images, middle)).map(({ path }) => pathKey(path)).join();
  expect(await ways(classifier)).not.toBe(await ways(await open()));
  const lost = { ...model, routing: [{ ...first, routesBy: "euros" }] };
  await expect(AdaptiveClassifier.open(lost)).rejects.toThrow("one of with-stem, got euros");
});

test("costs are chosen by name, and time is told where there is a clock", async () => {
  let clock = 0;
  const classifier = await open({ costs: "blocks-only", now: () => clock++ });
  for (const { path, cost, bitOps, milliseconds } of await classifier.classify(images, middle)) {
    expect(cost).toBe(path.length / 3);
    expect(bitOps).toBe((path.reduce((sum, level) => sum + level, 0) / 24) * 24_000);
    expect(milliseconds).toBeGreaterThan(0);
  }
  await expect(open({ costs: "euros" })).rejects.toThrow("one of with-stem, blocks-only");
});

test("a stream is read only as fast as its answers are taken", async () => {
  const classifier = await open({ batchSize: 4, capacity: 8 });
  let read = 0;
  async function* endless(): AsyncGenerator<Picture> {
    for (;;) yield imageAt(read++ % count);
  }
  const expected = await classifier.classify(images, middle);
  let taken = 0;
  for await (const answer of classifier.classifyEach(endless(), middle)) {
    expect(facts(answer)).toBe(facts(expected[taken % count]!));
    taken++;
    if (taken % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(read).toBeLessThanOrEqual(taken + 9);
    if (taken === 300) break;
  }
});

test("an answer does not wait for the next image of a slow stream", async () => {
  const classifier = await open();
  async function* slow(): AsyncGenerator<Picture> {
    yield imageAt(3);
    await new Promise(() => undefined);
  }
  const answers = classifier.classifyEach(slow(), middle);
  expectAlike([(await answers.next()).value as Classification], await classifier.classify(imageAt(3), middle));
});

test("a signal ends a call at once with its reason, and the others go on", async () => {
  const classifier = await open({ batchSize: 2 });
  const stop = new AbortController();
  const aborted = classifier.classify(images, { ...middle, signal: stop.signal });
  const other = classifier.classify(imageAt(1), middle);
  setImmediate(() => stop.abort(new Error("enough")));
  await expect(aborted).rejects.toThrow("enough");
  expect(await other).toHaveLength(1);
  await expect(classifier.classify(images, { ...middle, signal: stop.signal })).rejects.toThrow("enough");
  expect(await classifier.classify(images, middle)).toHaveLength(count);
});

test("the event loop turns while a long call goes on", async () => {
  const classifier = await open();
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await classifier.classify(
    Array.from({ length: 4 }, () => Array.from({ length: count }, (_, i) => imageAt(i))).flat(),
    middle,
  );
  clearInterval(timer);
  expect(turns).toBeGreaterThan(2);
});

test("pixels are preprocessed as the model asks, and what is no image is refused by number", async () => {
  const classifier = await open();
  const data = Uint8Array.from({ length: 3 * 2 * 2 }, (_, i) => 20 * i);
  const planes = Float32Array.from({ length: 12 }, (_, at) => data[3 * (at % 4) + Math.floor(at / 4)]! / 255);
  expectAlike(
    await classifier.classify({ width: 2, height: 2, data }, middle),
    await classifier.classify({ shape: imageShape, data: planes }, middle),
  );
  const short = { width: 2, height: 3, data };
  await expect(classifier.classify([imageAt(0), short], middle)).rejects.toMatchObject({
    kind: "input",
    where: "image 1",
  });
  const flat: Tensor = { shape: [12], data: new Float32Array(12) };
  await expect(classifier.classify(flat, middle)).rejects.toThrow("expected the shape [3, 2, 2]");
  const bad: Tensor = { shape: imageShape, data: new Float32Array(12).fill(Number.NaN) };
  await expect(classifier.classify(bad, middle)).rejects.toMatchObject({ kind: "input", got: "NaN" });
  await expect(classifier.classify(new Uint8Array(9), middle)).rejects.toMatchObject({
    kind: "input",
    where: undefined,
  });
  // Room that refused images had taken is free again.
  expect(await classifier.classify(images, middle)).toHaveLength(count);
});

test("a block that cannot be opened is an error of its images, not of the process", async () => {
  const broken = await AdaptiveClassifier.open({
    ...model,
    block: (block, level) => (block === 1 ? smallBlock(1, level) : new Uint8Array(5)),
  });
  opened.push(broken);
  await expect(broken.classify(images, { lambda: 0 })).rejects.toMatchObject({ code: "E_SESSION_OPEN" });
  expect(bits(8)).toBe(8);
});

test("closing rejects what is under way", async () => {
  const classifier = await open();
  const running = classifier.classify(images, middle);
  await classifier.close();
  await expect(running).rejects.toMatchObject({ code: "E_POOL_CLOSED" });
});
