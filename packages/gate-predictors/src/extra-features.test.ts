import { test } from "@fast-check/vitest";
import { bits, type GateView } from "@quee/core";
import { randomStream } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { describe, expect } from "vitest";
import type { ExtraFeature } from "./extra-features.js";
import { gateFeatureCount, gateFeatures } from "./gate-features.js";
import { createGates } from "./gates.js";
import { gatesToJson, parseGates } from "./json.js";
import { initialNetwork } from "./network.js";
import type { ProbabilityTable } from "./probability-table.js";
import { trainGates } from "./train-gates.js";
import { randomView, space } from "./views.test.fixture.js";
import { wrongness } from "./wrongness.js";

const view: GateView = {
  prefix: [bits(8), bits(6)],
  count: 2,
  classCount: 3,
  history: [Float32Array.of(0.5, 0.3, 0.2, 0.1, 0.1, 0.8), Float32Array.of(0.2, 0.7, 0.1, 0.2, 0.1, 0.7)],
  exitFeatures: [Float32Array.of(9, 9, 9, 9), Float32Array.of(1, 2, 3, 4)],
};
const first: GateView = {
  ...view,
  prefix: [bits(8)],
  history: view.history.slice(0, 1),
  exitFeatures: view.exitFeatures?.slice(0, 1) ?? [],
};

/** The columns behind those of equation 13. */
function added(of: GateView, extras: readonly ExtraFeature[]): number[][] {
  const { shape, data } = gateFeatures(of, extras);
  expect(shape).toEqual([of.count, gateFeatureCount(of.classCount, extras)]);
  return Array.from({ length: of.count }, (_, i) => [
    ...data.subarray(i * shape[1] + gateFeatureCount(of.classCount), (i + 1) * shape[1]),
  ]);
}

test("the largest probabilities fall, now before earlier; what a few classes lack is 0", () => {
  const top = added(view, [{ kind: "top-probabilities", count: 2 }]);
  expectAllclose(top.flat(), [0.7, 0.2, 0.5, 0.3, 0.7, 0.2, 0.8, 0.1]);
  expectAllclose(added(first, [{ kind: "top-probabilities", count: 4 }])[0], [0.5, 0.3, 0.2, 0, 0, 0, 0, 0]);
});

test("exits agree where they answer the same class; before the second exit nobody agrees", () => {
  expect(added(view, [{ kind: "agreement" }])).toEqual([[0], [1]]);
  expect(added(first, [{ kind: "agreement" }])).toEqual([[0], [0]]);
});

test("the class token of the last exit stands as it is, in the place that the list gives it", () => {
  const extras = [{ kind: "class-token", width: 2 }, { kind: "agreement" }] as const;
  expect(added(view, extras)).toEqual([
    [1, 2, 0],
    [3, 4, 1],
  ]);
  expect(added(first, extras)).toEqual([
    [9, 9, 0],
    [9, 9, 0],
  ]);
});

test("a class token that is not there, or of another width, is an error that says so", () => {
  const { exitFeatures: _, ...blind } = view;
  expect(() => gateFeatures(blind, [{ kind: "class-token", width: 2 }])).toThrow(/expected 2 × 2 numbers, got none/);
  expect(() => gateFeatures(view, [{ kind: "class-token", width: 3 }])).toThrow(
    /expected 2 × 3 numbers, got 4 numbers/,
  );
});

test("without extras u is that of equation 13, whatever else is there", () => {
  const { exitFeatures: _, ...blind } = view;
  expect(gateFeatures(view)).toEqual(gateFeatures(blind));
  expect(gateFeatures(view).shape).toEqual([2, 10]);
});

describe("gates that look at more", () => {
  const extraFeatures: readonly ExtraFeature[] = [
    { kind: "top-probabilities", count: 3 },
    { kind: "agreement" },
    { kind: "class-token", width: 2 },
  ];

  test("survive JSON text, bit for bit", () => {
    const architecture = {
      reading: "C",
      embedding: 8,
      hidden: 16,
      classCount: 5,
      exitCount: 3,
      extraFeatures,
    } as const;
    const networks = new Map([2, 3].map((gate) => [gate, initialNetwork(architecture, randomStream(gate, ""))]));
    const gates = createGates(architecture, space, networks);
    const again = parseGates(JSON.parse(JSON.stringify(gatesToJson(gates))));
    const of = { ...randomView([bits(8)], 3, 5, 1), exitFeatures: [Float32Array.of(1, 2, 3, 4, 5, 6)] };
    expect(again.predict(of)).toEqual(gates.predict(of));
    expect(again.macs([bits(8)])).toBe(8 * (14 + 7 + 2) + 8 * 16 + 10 * 16);
  });

  test("learn from the class token what probabilities do not tell", async () => {
    // Whether a path errs stands in the token and nowhere else.
    const telling = <Role extends "train" | "validation">(role: Role, count: number): ProbabilityTable<Role> => {
      const random = randomStream(count, "token");
      const token = Float32Array.from({ length: 2 * count }, () => (random.uniform() < 0.5 ? -1 : 1));
      const labels = Int32Array.from({ length: count }, (_, i) => (token[2 * i] === 1 ? 1 : 0));
      const even = new Float32Array(2 * count).map((_, at) => (at % 2 === 0 ? 0.6 : 0.4));
      return { role, count, classCount: 2, labels, probabilities: () => even, exitFeatures: () => token };
    };
    const losses = async (extras: readonly ExtraFeature[]) => {
      const last = new Map<number, number>();
      await trainGates({
        ...{ train: telling("train", 400), validation: telling("validation", 100), space, seed: 1 },
        ...{ targets: wrongness, loss: "bce", batchSize: 50, maxEpochs: 20, learningRate: 1e-2 },
        extraFeatures: extras,
        onEpoch: ({ gate, validationLoss }) => last.set(gate, validationLoss),
      });
      return [...last.values()];
    };
    for (const loss of await losses([{ kind: "class-token", width: 2 }])) expect(loss).toBeLessThan(0.1);
    for (const loss of await losses([])) expect(loss).toBeGreaterThan(0.6);
  });
});

test("files of the first version are read as gates without extras and calibrations", () => {
  const architecture = { reading: "A", embedding: 8, hidden: 16, classCount: 5, exitCount: 3 } as const;
  const networks = new Map([2, 3].map((gate) => [gate, initialNetwork(architecture, randomStream(gate, ""))]));
  const gates = createGates(architecture, space, networks);
  const { calibrations: _, ...json } = gatesToJson(gates);
  const first = { ...json, version: 1, architecture };
  expect(gatesToJson(parseGates(JSON.parse(JSON.stringify(first))))).toEqual(gatesToJson(gates));
  expect(() => parseGates({ ...first, version: 2 })).toThrow(/calibrations|architecture/);
});

test("a sampled set of paths is stored with its gates", () => {
  const only = [[8], [8, 8], [8, 6], [8, 6, 6]].map((path) => path.map(bits));
  const architecture = { reading: "B", embedding: null, hidden: 4, classCount: 5, exitCount: 3 } as const;
  const networks = new Map([2, 3].map((gate) => [gate, initialNetwork(architecture, randomStream(gate, ""))]));
  const gates = createGates(architecture, { ...space, only }, networks);
  const again = parseGates(JSON.parse(JSON.stringify(gatesToJson(gates))));
  expect(again.space).toEqual(gates.space);
  expect(again.predict(randomView([bits(8)], 1, 5, 1)).candidates).toEqual(only);
});
