import { test as propertyTest } from "@fast-check/vitest";
import { type Action, bits, type GateView, legalPaths, nextLevels, type Path, type Policy, pathKey } from "@quee/core";
import { argmaxRows, tensor } from "@quee/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { replay } from "./replay.js";
import { createPathTable, type PathTable } from "./table.js";
import { randomTable } from "./testing/random-table.js";

const space = {
  levels: [bits(5), bits(8), bits(6)],
  exitCount: 3,
  order: "monotone",
  firstBlock: "highest",
} as const;

/** Some function of everything that an image shows to a gate. */
function actionFor(prefix: Path, rows: readonly Float32Array[]): Action {
  if (prefix.length === 0) return { kind: "continue", bits: bits(8) };
  let mixed = prefix.length;
  for (const row of rows) for (const [k, p] of row.entries()) mixed += (k + 1) * p * 7.3;
  const levels = nextLevels(prefix, space);
  const choice = Math.floor(mixed * 10) % (levels.length + 2);
  if (choice > 0 && choice <= levels.length) return { kind: "continue", bits: levels[choice - 1] };
  return { kind: choice === 0 ? "exit" : "abstain" };
}

const policy: Policy = {
  name: "mixed",
  decide: ({ prefix, history, count, classCount }) =>
    Array.from({ length: count }, (_, i) =>
      actionFor(
        prefix,
        history.map((values) => values.subarray(i * classCount, (i + 1) * classCount)),
      ),
    ),
};

/** One image after another, with no groups. */
function walkPlainly(table: PathTable, sample: number): { readonly path: Path; readonly abstains: boolean } {
  const row = (path: Path) =>
    table.probabilities(path).subarray(sample * table.classCount, (sample + 1) * table.classCount);
  let prefix: Path = [];
  while (prefix.length < space.exitCount) {
    const rows = prefix.map((_, j) => row(prefix.slice(0, j + 1)));
    const action = actionFor(prefix, rows);
    if (action.kind !== "continue") return { path: prefix, abstains: action.kind === "abstain" };
    prefix = [...prefix, action.bits];
  }
  return { path: prefix, abstains: false };
}

test("a policy with answers of its own is asked at the end of the way, about all exits passed", () => {
  const table = randomTable("test", { space, count: 60, classCount: 3, seed: 8 });
  const least = (values: Float32Array) => values.map((p) => 1 - p);
  const contrary: Policy = { ...policy, answer: ({ history }) => least(history[0]) };
  const [plain, own] = [replay(policy, table, { space }), replay(contrary, table, { space })];
  expect(own.pathIndex).toEqual(plain.pathIndex);
  const expected = argmaxRows(tensor([60, 3], least(table.probabilities([bits(8)]))));
  for (let i = 0; i < 60; i++) {
    // Who abstains is not asked.
    expect(own.prediction[i]).toBe(plain.prediction[i] < 0 ? -1 : expected[i]);
    expect(own.correct[i]).toBe(own.prediction[i] === table.labels[i] ? 1 : 0);
  }
});

propertyTest.prop([fc.integer(), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 2, max: 5 })])(
  "replay in groups sends every sample where a walk of its own sends it",
  (seed, count, classCount) => {
    const table = randomTable("test", { space, count, classCount, seed });
    const result = replay(policy, table, { space });
    for (let i = 0; i < count; i++) {
      const { path, abstains } = walkPlainly(table, i);
      expect(pathKey(table.paths[result.pathIndex[i]])).toBe(pathKey(path));
      const answers = argmaxRows(tensor([count, classCount], table.probabilities(path)));
      expect(result.prediction[i]).toBe(abstains ? -1 : answers[i]);
      expect(result.correct[i]).toBe(!abstains && answers[i] === table.labels[i] ? 1 : 0);
    }
  },
);

const table = randomTable("test", { space, count: 20, classCount: 3, seed: 7 });
const recording = (views: GateView[]): Policy => ({
  name: "recording",
  decide: (view) => {
    views.push(view);
    return policy.decide(view);
  },
});

test("every prefix is asked about once, the last exit never", () => {
  const views: GateView[] = [];
  replay(recording(views), table, { space });
  const keys = views.map(({ prefix }) => pathKey(prefix));
  expect(new Set(keys).size).toBe(keys.length);
  for (const view of views) {
    expect(view.prefix.length).toBeLessThan(space.exitCount);
    expect(view.history.length).toBe(view.prefix.length);
    for (const rows of view.history) expect(rows.length).toBe(view.count * 3);
  }
});

test("a first action stands in for the first gate", () => {
  const views: GateView[] = [];
  const asked = replay(policy, table, { space });
  const given = replay(recording(views), table, { space, firstAction: { kind: "continue", bits: bits(8) } });
  expect(views.every(({ prefix }) => prefix.length > 0)).toBe(true);
  expect(given.pathIndex).toEqual(asked.pathIndex);
});

test("after the last block images exit, whatever the policy would like", () => {
  const onwards: Policy = {
    name: "onwards",
    decide: ({ count }) => Array.from({ length: count }, () => ({ kind: "continue", bits: bits(8) })),
  };
  const { pathIndex } = replay(onwards, table, { space });
  for (const p of pathIndex) expect(pathKey(table.paths[p])).toBe("8-8-8");
});

test("equal probabilities give the lowest class", () => {
  const tie = createPathTable({
    role: "test",
    classCount: 2,
    labels: Int32Array.of(0, 1),
    paths: [[bits(8)]],
    probabilities: [Float32Array.of(0.5, 0.5, 0.5, 0.5)],
  });
  const exits = replay(policy, tie, { space: { exitCount: 1 } });
  expect([...exits.prediction]).toEqual([0, 0]);
  expect([...exits.correct]).toEqual([1, 0]);
});

test.each([
  [
    "an exit at the first gate",
    () => [{ kind: "exit" } as const],
    /at the first gate: expected bits for block 1, got exit/,
  ],
  [
    "an abstention at the first gate",
    () => [{ kind: "abstain" } as const],
    /at the first gate: expected bits for block 1, got abstain/,
  ],
  ["too few answers", () => [], /expected 20 actions, got 0/],
])("%s is an error that names the policy", (_, decide, message) => {
  const bad = (view: GateView) => (decide().length === 0 ? [] : Array.from({ length: view.count }, () => decide()[0]));
  expect(() => replay({ name: "bad", decide: bad }, table, { space })).toThrow(message);
  expect(() => replay({ name: "bad", decide: bad }, table, { space })).toThrow(/policy "bad"/);
});

test("an action that leads out of the table is an error that names the path", () => {
  const upwards: Policy = {
    name: "upwards",
    decide: ({ count, prefix }) =>
      Array.from({ length: count }, () => ({ kind: "continue", bits: bits(prefix.length === 1 ? 7 : 8) })),
  };
  expect(() => replay(upwards, table, { space })).toThrow(/got 8-7/);
});

test("every legal path of the space can be reached", () => {
  for (const path of legalPaths(space)) {
    const there: Policy = {
      name: "there",
      decide: ({ count, prefix }) =>
        Array.from({ length: count }, () =>
          prefix.length === path.length ? { kind: "exit" } : { kind: "continue", bits: path[prefix.length] },
        ),
    };
    const { pathIndex } = replay(there, table, { space });
    expect(pathKey(table.paths[pathIndex[0]])).toBe(pathKey(path));
  }
});
