import { bits } from "@quee/core";
import { expect, test } from "vitest";
import { exitFeatureRowsOf } from "./rows.js";
import { createPathTable } from "./table.js";
import { withExitFeatures } from "./with-exit-features.js";

const path = [bits(8)];
const tableOf = (probabilities: Float32Array) =>
  createPathTable({
    ...{ role: "test", classCount: 2, labels: Int32Array.of(0, 1), paths: [path] },
    probabilities: [probabilities],
  } as const);

test("answers stay, features come from the other table", () => {
  const answers = tableOf(Float32Array.of(0.9, 0.1, 0.4, 0.6));
  const from = { ...tableOf(Float32Array.of(0.5, 0.5, 0.5, 0.5)), exitFeatures: () => Float32Array.of(1, 2, 3, 4) };
  const both = withExitFeatures(answers, from);
  expect(both.probabilities(path)).toEqual(answers.probabilities(path));
  expect(exitFeatureRowsOf(both, path, [1])).toEqual(Float32Array.of(3, 4));
  expect(withExitFeatures(answers, answers).exitFeatures).toBeUndefined();
});
