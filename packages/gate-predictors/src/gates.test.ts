import { test } from "@fast-check/vitest";
import { bits, legalPaths, pathKey, startsWith } from "@quee/core";
import { randomStream } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { type GateArchitecture, gateMacs, type Reading } from "./architecture.js";
import { encodePath } from "./encode-path.js";
import { forwardPlainly } from "./forward-plainly.test.fixture.js";
import { gateFeatures } from "./gate-features.js";
import { createGates, type Gates } from "./gates.js";
import { gatesToJson, parseGates } from "./json.js";
import { narrowGates } from "./narrow-gates.js";
import { type GateNetwork, initialNetwork, parametersOf } from "./network.js";
import { randomView, space } from "./views.test.fixture.js";

const readings = ["A", "B", "C"] as const;
const prefixes = legalPaths(space).filter((path) => path.length < space.exitCount);

function architectureOf(reading: Reading, classCount = 5): GateArchitecture {
  return { reading, embedding: reading === "B" ? null : 8, hidden: 16, classCount, exitCount: 3 };
}

function randomGates(reading: Reading, seed = 1, classCount = 5): Gates {
  const architecture = architectureOf(reading, classCount);
  const networks = new Map<number, GateNetwork>();
  for (const gate of [2, 3]) networks.set(gate, initialNetwork(architecture, randomStream(seed, `gate ${gate}`)));
  return createGates(architecture, space, networks);
}

describe.each(readings)("gates of reading %s", (reading) => {
  test.prop([
    fc.constantFrom(...prefixes),
    fc.integer({ min: 0, max: 5 }),
    fc.integer({ min: 2, max: 7 }),
    fc.integer(),
  ])("the split prediction equals the plain network over u‖p", (prefix, count, classCount, seed) => {
    const gates = randomGates(reading, seed, classCount);
    const view = randomView(prefix, count, classCount, seed);
    const { candidates, predictedError } = gates.predict(view);
    const network = gates.networks.get(prefix.length + 1) as GateNetwork;
    const { data, shape } = gateFeatures(view);
    const expected = Array.from({ length: count }, (_, i) => [...data.slice(i * shape[1], (i + 1) * shape[1])]).flatMap(
      (u) =>
        candidates.map((path) =>
          forwardPlainly(reading, network, u, [...encodePath(path, { exitCount: 3, maxBits: 8 })]),
        ),
    );
    expectAllclose(predictedError, expected, { rtol: 1e-6 });
  });

  test("parameters survive JSON text, bit for bit", () => {
    const gates = randomGates(reading);
    const again = parseGates(JSON.parse(JSON.stringify(gatesToJson(gates))));
    expect(again.networks).toEqual(gates.networks);
    const view = randomView([bits(8), bits(6)], 4, 5, 3);
    expect(again.predict(view)).toEqual(gates.predict(view));
  });
});

test("fewer levels leave what is foreseen of the other paths as it was, and survive JSON", () => {
  const gates = randomGates("A");
  const narrow = narrowGates(gates, [8, 6].map(bits));
  const view = randomView([bits(8)], 4, 5, 3);
  const [all, some] = [gates.predict(view), narrow.predict(view)];
  expect(some.candidates.length).toBeLessThan(all.candidates.length);
  for (const [a, path] of some.candidates.entries()) {
    const before = all.candidates.findIndex((one) => pathKey(one) === pathKey(path));
    for (let i = 0; i < view.count; i++)
      expect(some.predictedError[i * some.candidates.length + a]).toBe(
        all.predictedError[i * all.candidates.length + before],
      );
  }
  expect(parseGates(JSON.parse(JSON.stringify(gatesToJson(narrow)))).predict(view)).toEqual(some);
  expect(() => narrowGates(gates, [bits(6)])).toThrow(/8 among them/);
  expect(() => narrowGates(gates, [8, 3].map(bits))).toThrow(/expected some of/);
});

test("candidates are the legal paths that begin with the prefix, the prefix first", () => {
  const gates = randomGates("A");
  for (const prefix of prefixes) {
    const { candidates } = gates.predict(randomView(prefix, 1, 5, 0));
    expect(candidates[0]).toEqual(prefix);
    expect(candidates).toEqual(legalPaths(space).filter((path) => startsWith(path, prefix)));
  }
});

test("where nothing is left to decide there is no gate", () => {
  const gates = randomGates("A");
  expect(() => gates.predict(randomView([], 1, 5, 0))).toThrow(/the empty path/);
  expect(() => gates.predict(randomView([bits(8), bits(8), bits(8)], 1, 5, 0))).toThrow(/got 8-8-8/);
  expect(() => gates.macs([bits(5)])).toThrow(/got 5/);
});

test("the gates of CIFAR-10 have 393 parameters and cost 192 MAC once and 144 per candidate", () => {
  const architecture: GateArchitecture = { reading: "A", embedding: 8, hidden: 16, classCount: 10, exitCount: 3 };
  const parameters = parametersOf(initialNetwork(architecture, randomStream(0, "")));
  // Section 1.4 of the specification; 28 inputs to 8, 8 to 16, 16 to 1.
  expect([...parameters.values()].reduce((sum, { data }) => sum + data.length, 0)).toBe(
    28 * 8 + 8 + 8 * 16 + 16 + 16 + 1,
  );
  expect(gateMacs(architecture, 15)).toBe(192 + 15 * 144);
});

test("costs of the other readings", () => {
  const shared = { hidden: 16, classCount: 10, exitCount: 3 };
  expect(gateMacs({ ...shared, reading: "B", embedding: null }, 15)).toBe(24 * 16 + 15 * 16);
  expect(gateMacs({ ...shared, reading: "C", embedding: 8 }, 15)).toBe(24 * 8 + 8 * 16 + 15 * 16);
  expect(() => gateMacs({ ...shared, reading: "B", embedding: 8 }, 15)).toThrow(/embedding: expected none/);
});

test("macs of a gate count its candidates", () => {
  // Behind 8 in three monotone levels: exit, 3 pairs, 6 triples.
  expect(randomGates("A").macs([bits(8)])).toBe(8 * 14 + 10 * 144);
  expect(randomGates("A").macs([bits(8), bits(5)])).toBe(8 * 14 + 2 * 144);
});

describe("stored gates are refused", () => {
  const json = () => gatesToJson(randomGates("A"));

  test("when a parameter is missing or has another shape", () => {
    const missing = json();
    missing.gates[0].parameters.pop();
    expect(() => parseGates(missing, { file: "gates.json" })).toThrow(/^gates\.json: gate 2, joint\.1\.bias: expected/);
    const short = json();
    short.gates[1].parameters[0].values.pop();
    expect(() => parseGates(short)).toThrow(/gate 3, image\.0\.weight: expected shape \[14, 8\] and 112 values/);
  });

  test("when a gate is missing, or the space is another", () => {
    expect(() => parseGates({ ...json(), gates: json().gates.slice(1) })).toThrow(/the gates 2, 3, got the gates 3/);
    expect(() => parseGates({ ...json(), space: { ...json().space, exitCount: 4 } })).toThrow(/space\.exitCount/);
    expect(() => parseGates({ ...json(), version: 3 })).toThrow(/^version: /);
  });
});

test("paths are told apart: two candidates differ in what is predicted", () => {
  const { candidates, predictedError } = randomGates("A", 5).predict(randomView([bits(8)], 1, 5, 9));
  expect(new Set(predictedError).size, candidates.map(pathKey).join()).toBe(candidates.length);
});
