import { bits, startsWith } from "@quee/core";
import type { Gates } from "@quee/gate-predictors";
import { replay } from "@quee/path-tables";
import { expect, test } from "vitest";
import { costs, madeUpInputs, paths, pays, space } from "./made-up-tables.test.fixture.js";
import { queeMethod } from "./quee-method.js";

const inputs = madeUpInputs();

/** Sure that going on helps those whose exit is unsure; made-up tables are always sure, so by sample. */
const gates: Pick<Gates, "predict"> = {
  predict: (view) => {
    const candidates = paths.slice(0, 3).filter((path) => startsWith(path, view.prefix));
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
};

test("every λ goes where its policy goes, on any table of the paths", async () => {
  const { settings, trainings } = await queeMethod(gates as Gates, pays, [0.6, 0.8]).fit(inputs);
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
  const { settings } = await queeMethod(gates as Gates, pays, [0.75]).fit(inputs);
  const lambdas = settings.map(({ setting }) => Number(setting));
  expect(new Set(lambdas).size).toBe(lambdas.length);
  expect(lambdas).toEqual([...lambdas].sort((a, b) => a - b));
  const costOf = (lambda: number) => {
    const { pathIndex } = settings.find(({ setting }) => setting === lambda)!.replay(inputs.validation);
    return [...pathIndex].reduce((sum, p) => sum + ([...costs().byPath.values()][p] ?? 0), 0) / pathIndex.length;
  };
  expect(lambdas.some((lambda) => costOf(lambda) <= 0.75)).toBe(true);
});
