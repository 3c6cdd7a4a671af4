import { bits } from "@quee/core";
import { expect, test } from "vitest";
import type { ProbabilityTable } from "./probability-table.js";
import type { TableTargets } from "./remembered.js";
import { trainGates } from "./train-gates.js";
import { randomTable, space } from "./views.test.fixture.js";
import { wrongness } from "./wrongness.js";

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

test("outcomes, estimates and mixtures of them are all targets", async () => {
  const train = randomTable("train", 300, 4, 1);
  const validation = randomTable("validation", 100, 4, 2);
  const mixed =
    (share: number): TableTargets =>
    (path, of) =>
      wrongness(path, of).map((wrong) => share * wrong + (1 - share) * 0.5);
  const lowest = async (targets: TableTargets, loss: "mse" | "bce") => {
    const losses: number[] = [];
    await trainGates({
      ...{ train, validation, space, targets, loss, seed: 1, batchSize: 50, maxEpochs: 8, learningRate: 1e-2 },
      onEpoch: ({ validationLoss }) => losses.push(validationLoss),
    });
    return Math.min(...losses);
  };
  // Half an outcome varies a quarter as much as an outcome, and a constant not at all.
  const [outcome, half, none] = [
    await lowest(mixed(1), "mse"),
    await lowest(mixed(0.5), "mse"),
    await lowest(mixed(0), "mse"),
  ];
  expect(half).toBeLessThan(0.4 * outcome);
  expect(none).toBeLessThan(1e-3);
  expect(await lowest(mixed(1), "bce")).toBeLessThan(Math.log(2) / 2);
});
