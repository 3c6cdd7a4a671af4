import { bits } from "@quee/core";
import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import type { ProbabilityTable } from "./probability-table.js";
import { trainGates } from "./train-gates.js";
import { randomTable, space } from "./views.test.fixture.js";
import { mixedTargets, wrongness } from "./wrongness.js";

const table: ProbabilityTable<"train"> = {
  role: "train",
  count: 3,
  classCount: 2,
  labels: Int32Array.of(0, 1, 1),
  probabilities: () => Float32Array.of(0.9, 0.1, 0.8, 0.2, 0.4, 0.6),
};

test("wrongness is 1 where the answer is not the label", () => {
  expect([...wrongness([bits(8)], table)]).toEqual([0, 1, 0]);
});

test("mixed targets lie between an estimate and the outcome", () => {
  const estimate = () => Float32Array.of(0.2, 0.4, 0.6);
  expectAllclose(mixedTargets(estimate, 0.25)([bits(8)], table), [0.15, 0.55, 0.45]);
  expectAllclose(mixedTargets(estimate, 0)([bits(8)], table), [0.2, 0.4, 0.6]);
  expectAllclose(mixedTargets(estimate, 1)([bits(8)], table), [0, 1, 0]);
});

test("a target knows which split it is asked for: smooth ones to train on, outcomes to stop by", async () => {
  const asked = new Set<string>();
  const curve = async (role: string) => {
    const losses: number[] = [];
    await trainGates({
      ...{ train: randomTable("train", 60, 4, 1), validation: randomTable("validation", 40, 4, 2), space, seed: 1 },
      ...{ batchSize: 30, maxEpochs: 1 },
      targets: (path, of) => {
        asked.add(of.role);
        return of.role === role ? wrongness(path, of) : wrongness(path, of).fill(1);
      },
      onEpoch: ({ trainLoss, validationLoss }) => losses.push(trainLoss, validationLoss),
    });
    return losses;
  };
  const [trainOutcomes, validationOutcomes] = [await curve("train"), await curve("validation")];
  expect([...asked].sort()).toEqual(["train", "validation"]);
  // Few answers are wrong here, so that "all wrong" is the farther from an untrained half.
  expect(trainOutcomes[0]).not.toBeCloseTo(validationOutcomes[0], 3);
  expect(trainOutcomes[1]).not.toBeCloseTo(validationOutcomes[1], 3);
});
