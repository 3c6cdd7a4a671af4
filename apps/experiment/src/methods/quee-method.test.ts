import { bits, type CostTable, costOf, type Path, startsWith } from "@quee/core";
import type { Gates } from "@quee/gate-predictors";
import { type PathTable, replay } from "@quee/path-tables";
import { type LambdaSweep, lambdaForBudget, queePolicy } from "@quee/router";
import { expect, test } from "vitest";
import { costs, madeUpInputs, paths, pays, space } from "./made-up-tables.test.fixture.js";
import { queeMethod } from "./quee-method.js";
import { queeRouters } from "./quee-routers.js";

const inputs = madeUpInputs();

/** Sure that going on helps those whose exit is unsure; made-up tables are always sure, so by sample. */
const gatesFor = (known: readonly Path[]): Pick<Gates, "predict"> => ({
  predict: (view) => {
    const candidates = known.filter((path) => startsWith(path, view.prefix));
    const predictedError = new Float32Array(view.count * candidates.length);
    for (let i = 0; i < view.count; i++) {
      const first = view.history[0]?.[2 * i] ?? 0;
      candidates.forEach((path, a) => {
        predictedError[i * candidates.length + a] =
          path.length === 1 ? 0.3 + 0.2 * first : path[1] === bits(8) ? 0.05 : 0.1;
      });
    }
    return { candidates, predictedError };
  },
});
const gates = gatesFor(paths.slice(0, 3));

test("every λ goes where its policy goes, on any table of the paths", async () => {
  const { settings, trainings } = await queeMethod(gates, { pays, budgets: [0.6, 0.8] }).fit(inputs);
  expect(trainings).toBe(1);
  expect(settings.length).toBeGreaterThan(2);
  for (const { policy, replay: route } of settings) {
    if (policy === null) throw new Error("QuEE has a policy");
    for (const table of [inputs.validation, inputs.test]) {
      const { pathIndex, correct, prediction } = replay(policy, table, { space });
      expect(route(table)).toMatchObject({ pathIndex, correct, prediction });
    }
  }
});

test("the λ of each budget is among the settings, and none comes twice", async () => {
  const { settings } = await queeMethod(gates, { pays, budgets: [0.75] }).fit(inputs);
  const lambdas = settings.map(({ setting }) => Number(setting));
  expect(new Set(lambdas).size).toBe(lambdas.length);
  expect(lambdas).toEqual([...lambdas].sort((a, b) => a - b));
  const costOf = (lambda: number) => {
    const { pathIndex } = settings.find(({ setting }) => setting === lambda)!.replay(inputs.validation);
    return [...pathIndex].reduce((sum, p) => sum + ([...costs().byPath.values()][p] ?? 0), 0) / pathIndex.length;
  };
  expect(lambdas.some((lambda) => costOf(lambda) <= 0.75)).toBe(true);
});

/** Mean cost of where a setting sends the images of a table. */
const meanCost = (table: PathTable, pathIndex: Int32Array, counted: CostTable) =>
  pathIndex.reduce((sum, p) => sum + costOf(counted, table.paths[p] ?? []), 0) / pathIndex.length;

test("a first gate that chooses learns on validation images only, is told with each setting, and goes where its policy goes", async () => {
  const free = { ...inputs, space: { ...space, firstBlock: "any" as const } };
  const { settings } = await queeMethod(gatesFor(paths), { pays, budgets: [0.45] }).fit(free);
  const fixed = await queeMethod(gates, { pays, budgets: [0.45] }).fit(inputs);
  expect(new Set(settings.map(({ firstBits }) => firstBits))).toEqual(new Set([8, 6]));
  expect(new Set(fixed.settings.map(({ firstBits }) => firstBits))).toEqual(new Set([undefined]));
  for (const { policy, firstBits, replay: route } of settings) {
    if (policy === null) throw new Error("QuEE has a policy");
    for (const table of [inputs.validation, inputs.test]) {
      const { pathIndex, correct, prediction } = replay(policy, table, { space: free.space });
      expect(route(table)).toMatchObject({ pathIndex, correct, prediction });
      for (const p of pathIndex) expect(table.paths[p]?.[0]).toBe(firstBits);
    }
  }
  const cheapest = (all: typeof settings) =>
    Math.min(...all.map((one) => meanCost(inputs.test, one.replay(inputs.test).pathIndex, costs())));
  expect(cheapest(settings)).toBeCloseTo(0.4, 12);
  expect(cheapest(fixed.settings)).toBeCloseTo(0.5, 12);
});

test("λ weighs the costs of routing, while budgets mean those that are counted", async () => {
  // By blocks alone an exit saves more: at the same λ more images leave.
  const blocksOnly = costs([0.3, 1, 0.8, 0.2, 0.7]);
  const weighed = await queeMethod(gates, { pays, budgets: [0.7], weighed: () => blocksOnly }).fit(inputs);
  for (const { setting, replay: route } of weighed.settings) {
    const policy = queePolicy({ predict: gates.predict, costs: blocksOnly, lambda: Number(setting), space });
    expect(route(inputs.test).pathIndex).toEqual(replay(policy, inputs.test, { space }).pathIndex);
  }
  const [sweep] = queeRouters({ gates, space, validation: inputs.validation })({
    weighed: blocksOnly,
    counted: costs(),
  })
    .sweepsOn(inputs.validation)
    .values();
  const { reached, point } = lambdaForBudget(sweep as LambdaSweep<"validation">, 0.7);
  const chosen = weighed.settings.find(({ setting }) => setting === point.setting);
  const cost = meanCost(inputs.validation, chosen?.replay(inputs.validation).pathIndex ?? Int32Array.of(), costs());
  expect([reached, cost <= 0.7, cost]).toEqual([true, true, expect.closeTo(point.cost, 12)]);
});
