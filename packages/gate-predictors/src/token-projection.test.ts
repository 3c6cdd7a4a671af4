import { test } from "@fast-check/vitest";
import { bits, type GateView, type Path } from "@quee/core";
import { createPathTable, type PathTable } from "@quee/path-tables";
import { randomStream } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import fc from "fast-check";
import { expect } from "vitest";
import { gateMacs } from "./architecture.js";
import { gateFeatureCount, gateFeatures } from "./gate-features.js";
import { createGates } from "./gates.js";
import { gatesToJson, parseGates } from "./json.js";
import { initialNetwork } from "./network.js";
import { principalDirections } from "./principal-directions.js";
import { fitTokenProjections, projectRows } from "./token-projection.js";
import { randomView, space } from "./views.test.fixture.js";

const width = 6;
const paths = [[8], [8, 8], [8, 5], [8, 8, 8]].map((path) => path.map(bits));

/** Rows x = 3 + Σ_m spread_m · z_m · q_m with orthonormal q: by Householder, I − 2vvᵀ. */
function spreadRows(count: number, spreads: readonly number[], seed: number) {
  const random = randomStream(seed, "rows");
  const v = Float64Array.from({ length: width }, () => random.normal());
  const length = Math.hypot(...v);
  const q = Array.from({ length: width }, (_, m) =>
    Float64Array.from(v, (value, d) => (d === m ? 1 : 0) - (2 * value * v[m]) / length ** 2),
  );
  const rows = new Float32Array(count * width).fill(3);
  for (let i = 0; i < count; i++) {
    for (const [m, spread] of spreads.entries()) {
      const z = spread * random.normal();
      for (let d = 0; d < width; d++) rows[i * width + d] += z * q[m][d];
    }
  }
  return { rows, q };
}

test.prop([fc.integer({ min: 0, max: 1000 })])("directions of most variance come first, as unit vectors", (seed) => {
  const { rows, q } = spreadRows(2000, [8, 4, 2, 0.1], seed);
  const { mean, directions } = principalDirections(rows, width, 3, randomStream(seed, "start"));
  expectAllclose(mean, new Array(width).fill(3), { atol: 1 });
  for (const [m, { vector, variance }] of directions.entries()) {
    expect(Math.abs(vector.reduce((sum, value, d) => sum + value * q[m][d], 0))).toBeGreaterThan(0.98);
    expectAllclose([Math.sqrt(variance)], [[8, 4, 2][m]], { rtol: 0.1 });
  }
});

test("rows that span fewer directions give fewer", () => {
  const { rows } = spreadRows(50, [8, 4], 1);
  expect(principalDirections(rows, width, 4, randomStream(1, "start")).directions).toHaveLength(2);
  const same = new Float32Array(5 * width).fill(2);
  expect(principalDirections(same, width, 2, randomStream(1, "start")).directions).toEqual([]);
});

function tableOf(count: number): PathTable<"train"> {
  const features = new Map(paths.map((path, p) => [path.join(), spreadRows(count, [8, 4, 2, 1, 0.5], p % 2).rows]));
  const table = createPathTable({
    ...{ role: "train", classCount: 2, labels: new Int32Array(count), paths },
    probabilities: paths.map(() => new Float32Array(2 * count).fill(0.5)),
  } as const);
  return { ...table, exitFeatures: (path: Path) => features.get(path.join()) ?? new Float32Array(0) };
}

test("projected features have mean 0, variance 1 and nothing in common", () => {
  const table = tableOf(3000);
  const projections = fitTokenProjections({ table, exitCount: 3, outputs: 3, seed: 1 });
  expect(projections).toHaveLength(2);
  const projected = projectRows(projections[0], table.exitFeatures?.(paths[0]) ?? new Float32Array(0));
  const moment = (a: number, b: number) =>
    Array.from({ length: 3000 }, (_, i) => projected[3 * i + a] * projected[3 * i + b]).reduce((x, y) => x + y) / 3000;
  const mean = (a: number) => projected.filter((_, at) => at % 3 === a).reduce((x, y) => x + y) / 3000;
  for (let a = 0; a < 3; a++) {
    expect(mean(a)).toBeCloseTo(0, 4);
    for (let b = 0; b < 3; b++) expect(moment(a, b)).toBeCloseTo(a === b ? 1 : 0, 4);
  }
});

test("a table without features is an error that names the exit", () => {
  const { exitFeatures: _, ...blind } = tableOf(10);
  expect(() => fitTokenProjections({ table: blind, exitCount: 3, seed: 1 })).toThrow(/exit 1: .* none of 8/);
});

test("gates with projections see those of their own exit, count them, and survive JSON text bit for bit", () => {
  const byExit = fitTokenProjections({ table: tableOf(100), exitCount: 3, outputs: 2, seed: 1 });
  const extraFeatures = [{ kind: "projected-token", byExit }] as const;
  const of = (prefix: Path): GateView => ({
    ...randomView(prefix, 1, 5, 1),
    exitFeatures: prefix.map((_, j) => Float32Array.of(j, 1, 2, 3, 4, 5)),
  });
  for (const prefix of [paths[0], paths[1]]) {
    const { data } = gateFeatures(of(prefix), extraFeatures);
    const { weight, bias } = byExit[prefix.length - 1];
    const token = [prefix.length - 1, 1, 2, 3, 4, 5];
    const expected = bias.map((b, m) => token.reduce((sum, x, d) => sum + x * weight[2 * d + m], b));
    expectAllclose(data.subarray(gateFeatureCount(5)), expected, { rtol: 1e-5, atol: 1e-5 });
  }
  const architecture = { reading: "A", embedding: 8, hidden: 16, classCount: 5, exitCount: 3 } as const;
  expect(gateMacs({ ...architecture, extraFeatures }, 10) - gateMacs(architecture, 10)).toBe(6 * 2 + 2 * 8);
  const full = { ...architecture, extraFeatures };
  const networks = new Map([2, 3].map((gate) => [gate, initialNetwork(full, randomStream(gate, ""))]));
  const gates = createGates(full, space, networks);
  const json = JSON.parse(JSON.stringify(gatesToJson(gates)));
  expect(parseGates(json).predict(of(paths[1]))).toEqual(gates.predict(of(paths[1])));
  json.architecture.extraFeatures[0].byExit[1].weight.pop();
  expect(() => parseGates(json)).toThrow(/byExit\.1: .*inputs · outputs weights/);
});
