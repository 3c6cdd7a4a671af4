import { test as propertyTest } from "@fast-check/vitest";
import {
  bits,
  type GateView,
  legalPaths,
  type Path,
  type PathSpace,
  type Policy,
  pathKey,
  startsWith,
} from "@quee/core";
import { replay, summarize } from "@quee/path-tables";
import { expectAllclose } from "@quee/tooling-testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { collectPathTable } from "./collect-path-table.js";
import { compareDecisions } from "./compare-decisions.js";
import { runLive } from "./run-live.js";
import { mixingPolicy } from "./testing/mixing-policy.js";
import { levels, plainExitFeatures, plainNetwork, plainProbabilities } from "./testing/plain-network.js";

const space: PathSpace = { levels, exitCount: 3, order: "monotone", firstBlock: "highest" };
const policy = mixingPolicy(space, 97);
const tableOf = async (count: number) =>
  collectPathTable({
    ...plainNetwork({ exitCount: 3, count }),
    role: "test",
    labels: new Int32Array(count),
    paths: legalPaths(space),
  });

/** [N, 3] */
function featuresByHand(path: Path, count: number): Float32Array {
  return Float32Array.from(Array.from({ length: count }, (_, i) => [...plainExitFeatures(i, path, count)]).flat());
}

propertyTest.prop([
  fc.integer({ min: 0, max: 40 }),
  fc.constantFrom(1, 3, 7, 32),
  fc.integer({ min: 1, max: 50 }),
  fc.integer({ min: 1, max: 3 }),
])("a live run sends every image where the replay sends it", async (count, batchSize, windowSize, workers) => {
  const table = await tableOf(count);
  const live = await runLive({ ...plainNetwork({ exitCount: 3, count, workers }), policy, batchSize, windowSize });
  const replayed = replay(policy, table, { space });
  expect(compareDecisions(live, replayed, table)).toEqual([]);
  for (const [i, p] of live.pathIndex.entries()) {
    const path = live.paths[p];
    expect(pathKey(path)).toBe(pathKey(table.paths[replayed.pathIndex[i]]));
    expectAllclose(
      live.probabilities.subarray(4 * i, 4 * i + 4),
      table.probabilities(path).subarray(4 * i, 4 * i + 4),
      {
        atol: 1e-7,
      },
    );
  }
});

test("a policy that reads exit features and answers by itself does the same live as replayed", async () => {
  const count = 50;
  const own: Policy = {
    name: "own head",
    decide: ({ prefix, exitFeatures = [], count: n }) =>
      Array.from({ length: n }, (_, i) =>
        prefix.length > 0 && exitFeatures[prefix.length - 1][3 * i] > 0
          ? { kind: "exit" }
          : { kind: "continue", bits: bits(prefix.length === 1 ? 6 : 8 - 2 * prefix.length) },
      ),
    // Four classes out of three features, those of every exit passed.
    answer: ({ exitFeatures = [], count: n }) =>
      Float32Array.from({ length: 4 * n }, (_, at) =>
        exitFeatures.reduce((sum, rows) => sum + (rows[3 * Math.floor(at / 4) + (at % 4)] ?? 0) ** 2, 0),
      ),
  };
  const wide: PathSpace = { ...space, levels: [bits(8), bits(6), bits(4)] };
  const table = await collectPathTable({
    ...plainNetwork({ exitCount: 3, count }),
    role: "test",
    labels: new Int32Array(count),
    paths: legalPaths(wide),
  });
  const withFeatures = { ...table, exitFeatures: (path: Path) => featuresByHand(path, count) };
  const live = await runLive({
    ...plainNetwork({ exitCount: 3, count }),
    policy: own,
    batchSize: 7,
    exitFeatures: true,
  });
  const replayed = replay(own, withFeatures, { space: wide });
  expect(compareDecisions(live, replayed, table)).toEqual([]);
  expect(new Set(live.paths.map((path) => path.length))).toEqual(new Set([1, 2, 3]));
  // The answers are not those of the heads.
  expect([...replayed.prediction]).not.toEqual([
    ...replay({ ...own, answer: undefined } as never, withFeatures, { space: wide }).prediction,
  ]);
});

test("blocks run for the images that go there and for no others", async () => {
  const network = plainNetwork({ exitCount: 3, count: 200 });
  const live = await runLive({ ...network, policy });
  const expected = new Map<string, number>();
  for (const p of live.pathIndex) {
    for (const [j, level] of live.paths[p].entries()) {
      const model = `${j + 1}@${level}`;
      expected.set(model, (expected.get(model) ?? 0) + 1);
    }
  }
  const run = new Map<string, number>();
  for (const { model, count } of network.calls) run.set(model, (run.get(model) ?? 0) + count);
  expect(new Map([...run].toSorted())).toEqual(new Map([...expected].toSorted()));
  // The policy does use its freedom: every exit, and several models of the last block.
  expect(new Set(live.paths.map((path) => path.length))).toEqual(new Set([1, 2, 3]));
  expect(live.paths.length).toBeGreaterThan(6);
});

test("survivors that came different ways share a batch", async () => {
  const network = plainNetwork({ exitCount: 3, count: 64 });
  const live = await runLive({ ...network, policy, batchSize: 64, windowSize: 64 });
  const prefixes = new Set(
    Array.from(live.pathIndex, (p) => live.paths[p])
      .filter((path) => path.length === 3 && path[2] === 5)
      .map((path) => pathKey(path.slice(0, 2))),
  );
  expect(prefixes.size).toBeGreaterThan(1);
  expect(network.calls.filter(({ model }) => model === "3@5").length).toBe(1);
});

test("no batch is larger than asked, and no image is asked for twice", async () => {
  const network = plainNetwork({ exitCount: 3, count: 50 });
  await runLive({ ...network, policy, batchSize: 8 });
  for (const { count } of network.calls) expect(count).toBeLessThanOrEqual(8);
  expect(network.asked.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
});

test("a gate sees each prefix of a window once, its images in order, and is not asked behind the last block", async () => {
  const views: GateView[] = [];
  const recording: Policy = {
    name: "recording",
    decide: (view) => {
      views.push(view);
      return policy.decide(view);
    },
  };
  await runLive({ ...plainNetwork({ exitCount: 3, count: 30 }), policy: recording, batchSize: 4, windowSize: 30 });
  const keys = views.map(({ prefix }) => pathKey(prefix));
  expect(new Set(keys).size).toBe(keys.length);
  for (const { prefix, history } of views) {
    expect(prefix.length).toBeLessThan(3);
    expect(history.length).toBe(prefix.length);
  }
  const [first] = views.find(({ prefix }) => prefix.length === 1)?.history ?? [];
  const expected = Array.from({ length: 30 }, (_, i) => [...plainProbabilities(i, [bits(8)], 30)]);
  expectAllclose(first ?? [], expected.flat(), { atol: 1e-7 });
});

test("at most two windows are under way", async () => {
  const network = plainNetwork({ exitCount: 3, count: 100, workers: 2 });
  let left = 0;
  const images = {
    count: 100,
    batch: (indices: Int32Array) => {
      // Images that were read and have not left.
      expect(network.asked.length + indices.length - left).toBeLessThanOrEqual(20);
      return network.images.batch(indices);
    },
  };
  await runLive({
    ...network,
    images,
    policy,
    batchSize: 3,
    windowSize: 10,
    onProgress: ({ done }) => {
      left = done;
    },
  });
  expect(left).toBe(100);
});

test("a live run can be priced like a replay", async () => {
  const live = await runLive({ ...plainNetwork({ exitCount: 3, count: 20 }), policy });
  const byPath = new Map(legalPaths(space).map((path) => [pathKey(path), path.length / 3]));
  const costs = { name: "blocks", unit: "BitOPs", unitCost: 3, byPath } as const;
  const correct = new Uint8Array(20);
  const { exitHistogram } = summarize({ ...live, correct }, live, costs);
  expect(exitHistogram.reduce((sum, n) => sum + n, 0)).toBe(20);
  expect(live.exit).toBe("staged");
});

test("a first action stands in for the first gate", async () => {
  const network = plainNetwork({ exitCount: 3, count: 5 });
  const leaving: Policy = {
    name: "leaving",
    decide: ({ count }) => Array.from({ length: count }, () => ({ kind: "exit" })),
  };
  const live = await runLive({ ...network, policy: leaving, firstAction: { kind: "continue", bits: bits(6) } });
  expect(live.paths.map(pathKey)).toEqual(["6"]);
  await expect(runLive({ ...network, policy: leaving })).rejects.toThrow(/policy "leaving" at the first gate/);
});

test("an abort rejects with its reason and starts nothing more", async () => {
  const network = plainNetwork({ exitCount: 3, count: 300 });
  const controller = new AbortController();
  const run = runLive({
    ...network,
    policy,
    batchSize: 4,
    windowSize: 8,
    signal: controller.signal,
    onProgress: ({ done }) => {
      if (done >= 20) controller.abort(new Error("enough"));
    },
  });
  await expect(run).rejects.toThrow("enough");
  expect(network.asked.length).toBeLessThan(60);
});

test("a model without hidden states is named", async () => {
  const network = plainNetwork({ exitCount: 3, count: 2 });
  const pool = {
    workers: 1,
    run: async (...call: Parameters<typeof network.pool.run>) => ({ logits: (await network.pool.run(...call)).logits }),
  };
  const onwards = {
    ...policy,
    decide: ({ prefix, count }: GateView) =>
      Array.from({ length: count }, () => ({ kind: "continue" as const, bits: prefix[0] ?? bits(8) })),
  };
  await expect(runLive({ ...network, pool, policy: onwards })).rejects.toThrow(
    /model "1@8", output "hidden_states": .* no such output/,
  );
});

test("a difference says where the ways parted", () => {
  const live = {
    exit: "staged",
    policy: "",
    exitCount: 3,
    paths: [[bits(8), bits(6)], [bits(8)]],
    pathIndex: Int32Array.of(0, 1, 1),
    prediction: Int32Array.of(1, 1, 1),
    probabilities: new Float32Array(0),
  } as const;
  const paths = legalPaths(space).filter((path) => startsWith([bits(8), bits(8), bits(8)], path));
  const replayed = { pathIndex: Int32Array.of(1, 0, 0), prediction: Int32Array.of(1, 1, 2) };
  expect(compareDecisions(live, replayed, { paths })).toEqual([
    {
      image: 0,
      live: { path: [8, 6], prediction: 1 },
      replayed: { path: [8, 8], prediction: 1 },
      common: [8],
    },
    { image: 2, live: { path: [8], prediction: 1 }, replayed: { path: [8], prediction: 2 }, common: [8] },
  ]);
  expect(() =>
    compareDecisions(live, { pathIndex: new Int32Array(2), prediction: new Int32Array(2) }, { paths }),
  ).toThrow(/3 and 2 of them/);
});
