import { test } from "@fast-check/vitest";
import { bits, legalPaths } from "@quee/core";
import type { PathTable } from "@quee/path-tables";
import fc from "fast-check";
import { expect } from "vitest";
import { crossFitGates } from "./cross-fit-gates.js";
import { dealFolds } from "./deal-folds.js";
import { trainGates } from "./train-gates.js";
import { randomTable, space } from "./views.test.fixture.js";
import { wrongness } from "./wrongness.js";

const table: PathTable<"train"> = { ...randomTable("train", 90, 4, 3), paths: legalPaths(space) };
const validation = randomTable("validation", 40, 4, 4);

test.prop([fc.integer({ min: 2, max: 9 }), fc.integer({ min: 9, max: 60 }), fc.integer()])(
  "every sample is in one fold, and folds differ by one at most",
  (foldCount, count, seed) => {
    const folds = dealFolds(count, foldCount, seed);
    expect(folds.flatMap((fold) => [...fold]).sort((a, b) => a - b)).toEqual(
      Array.from({ length: count }, (_, i) => i),
    );
    const sizes = folds.map(({ length }) => length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  },
);

test("one fold, or more folds than samples, is refused", () => {
  expect(() => dealFolds(5, 1, 0)).toThrow(/folds: expected 2 … 5/);
  expect(() => dealFolds(5, 6, 0)).toThrow(/got 6/);
});

test("what is said of a sample comes from gates that never saw it", async () => {
  const seen: number[] = [];
  const { gates, folds, predictOutOfFold } = await crossFitGates({
    table,
    foldCount: 3,
    seed: 1,
    train(rest, fold) {
      seen[fold] = rest.count;
      return trainGates({
        train: rest,
        validation,
        targets: wrongness,
        space,
        maxEpochs: 1,
        batchSize: 30,
        seed: fold,
      });
    },
  });
  expect(seen).toEqual([60, 60, 60]);
  const prefix = [bits(8)];
  const { candidates, predictedError } = predictOutOfFold(prefix);
  for (const [fold, rows] of folds.entries()) {
    for (const row of rows) {
      const history = [table.probabilities(prefix).slice(4 * row, 4 * row + 4)];
      const alone = gates[fold].predict({ prefix, count: 1, classCount: 4, history });
      const said = predictedError.slice(row * candidates.length, (row + 1) * candidates.length);
      expect(said).toEqual(alone.predictedError);
    }
  }
  // Labels of a fold do not reach its own gates: other labels there, the same gates.
  const others = { ...table, labels: table.labels.map((label, i) => (folds[0].includes(i) ? (label + 1) % 4 : label)) };
  const again = await crossFitGates({
    ...{ table: others, foldCount: 3, seed: 1 },
    train: (rest, fold) =>
      trainGates({ train: rest, validation, targets: wrongness, space, maxEpochs: 1, batchSize: 30, seed: fold }),
  });
  expect(again.gates[0].networks).toEqual(gates[0].networks);
  expect(again.gates[1].networks).not.toEqual(gates[1].networks);
});
