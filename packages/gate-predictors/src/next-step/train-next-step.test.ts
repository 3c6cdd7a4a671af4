import { bits, nextLevels, type Path, pathKey } from "@quee/core";
import { expect, test } from "vitest";
import { randomTable, randomView, space } from "../views.test.fixture.js";
import { nextStepToJson, parseNextStep } from "./json.js";
import { type StepLosses, trainNextStep } from "./train-next-step.js";

const stepsFrom = (prefix: Path) => [prefix, ...nextLevels(prefix, space).map((level) => [...prefix, level])];

/** Beyond what a sigmoid could say, below 0 and above 1, and told by the largest probability now. */
const lossesOf: StepLosses = (prefix, table) => {
  const steps = stepsFrom(prefix);
  const now = table.probabilities(prefix);
  const loss = Float32Array.from({ length: table.count * steps.length }, (_, at) => {
    const a = at % steps.length;
    const i = (at - a) / steps.length;
    const most = Math.max(...now.subarray(4 * i, 4 * i + 4));
    return a === 0 ? 4 * (1 - most) - 1 : 1.5 - 0.25 * a;
  });
  return { steps, loss };
};

test("gates learn losses that are no probabilities, one per step", async () => {
  const validation = randomTable("validation", 200, 4, 2);
  const last = new Map<number, number>();
  const gates = await trainNextStep({
    ...{ train: randomTable("train", 600, 4, 1), validation, space, seed: 1, lossesOf },
    ...{ batchSize: 50, maxEpochs: 30, patience: 5, learningRate: 1e-2 },
    onEpoch: ({ gate, validationLoss }) => last.set(gate, Math.min(validationLoss, last.get(gate) ?? 9)),
  });
  expect([...last.keys()]).toEqual([2, 3]);
  const prefix = [bits(8)];
  const { steps, loss } = lossesOf(prefix, validation);
  const said = gates.predict({ prefix, count: 200, classCount: 4, history: [validation.probabilities(prefix)] });
  expect(said.steps.map(pathKey)).toEqual(steps.map(pathKey));
  const error = said.predictedLoss.reduce((sum, value, at) => sum + (value - loss[at]) ** 2, 0) / loss.length;
  expect(error).toBeCloseTo(last.get(2) ?? Number.NaN, 6);
  expect(error).toBeLessThan(0.02);
  expect(Math.max(...said.predictedLoss)).toBeGreaterThan(1.1);
  expect(gates.macs(prefix)).toBe(8 * 12 + 4 * 144);
  expect(() => gates.predict(randomView([], 1, 4, 0))).toThrow(/the empty path/);
  const again = parseNextStep(JSON.parse(JSON.stringify(nextStepToJson(gates))));
  const view = randomView([bits(8), bits(6)], 5, 4, 1);
  expect(again.predict(view)).toEqual(gates.predict(view));
  expect(() => parseNextStep({ ...nextStepToJson(gates), version: 2 })).toThrow(/^version: /);
});

test("losses of other steps, or of other samples, are refused", async () => {
  const data = {
    train: randomTable("train", 20, 4, 1),
    validation: randomTable("validation", 10, 4, 2),
    space,
    seed: 1,
  };
  const turned: StepLosses = (prefix, table) => ({ ...lossesOf(prefix, table), steps: stepsFrom(prefix).reverse() });
  await expect(trainNextStep({ ...data, lossesOf: turned })).rejects.toThrow(
    /behind 8: expected 20 rows of 8, 8-8, 8-6, 8-5/,
  );
  const short: StepLosses = (prefix, table) => ({ ...lossesOf(prefix, table), loss: new Float32Array(3) });
  await expect(trainNextStep({ ...data, lossesOf: short })).rejects.toThrow(/got 3 losses of/);
});
