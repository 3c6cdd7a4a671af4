import { correctAlong, summarize } from "@quee/path-tables";
import { tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { fitRival } from "../rival/fit-rival.js";
import { fullPath } from "../rival/rival-paths.js";
import { learnableInputs, space } from "../testing/inputs.js";
import { deferralRival } from "./deferral-rival.js";
import { gainInputs } from "./gain-network.js";

test("a network of gains sees probabilities and statistics of them", () => {
  const inputs = gainInputs(tensor([2, 2], Float32Array.of(0.5, 0.5, 0, 1)));
  expect(inputs.shape).toEqual([2, 6]);
  expectAllclose(inputs.data, [0.5, 0.5, 0.5, 0, 0, 0, 0, 1, 1, 1, 1, 1], { atol: 1e-6 });
});

test.each(["correctness", "probability"] as const)(
  "gains of %s send hard images on at λ between nothing and everything",
  async (gain) => {
    const { inputs, test: testTable } = learnableInputs();
    const { points, trainings, pays } = await fitRival(
      deferralRival({ gain, batchSize: 50, learningRate: 5e-3 }),
      inputs,
    );
    expect(trainings).toBe(2);
    // (3 + 4)·16 + 16·2 and (3 + 4)·16 + 16·1
    expect(pays).toEqual({ heads: "every-exit", gateMacs: [144, 128] });
    const costs = inputs.costs(pays);
    const of = (lambda: number) =>
      summarize(
        (points.find(({ setting }) => setting === lambda) as (typeof points)[number]).replay(testTable),
        testTable,
        costs,
      );
    const lambdas = points.map(({ setting }) => Number(setting));
    const whole = correctAlong(testTable, fullPath(space)).reduce((sum, hit) => sum + hit, 0) / testTable.count;
    expect(of(0).top1).toBeGreaterThan(whole - 0.02);
    expect(of(Math.max(...lambdas)).exitHistogram).toEqual([testTable.count, 0, 0]);
    const between = lambdas.map(of).filter(({ cost }) => cost < 0.75);
    expect(Math.max(...between.map(({ top1 }) => top1))).toBeGreaterThan(whole - 0.04);
  },
  30_000,
);
