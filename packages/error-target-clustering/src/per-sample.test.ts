import { test } from "@fast-check/vitest";
import { bits } from "@quee/core";
import fc from "fast-check";
import { expect } from "vitest";
import { clusterEstimator } from "./error-estimator.js";
import { fitErrorTargets } from "./fit-error-targets.js";
import { outcomeTargets } from "./outcome-targets.js";
import { type ProbabilityTable, validationHalves } from "./probability-table.js";
import { probabilityTable } from "./samples.test.fixture.js";
import { uncertaintyEstimator } from "./uncertainty.js";

const table = probabilityTable({ count: 30, classCount: 4, seed: 1 });
const path = [bits(8)];

/** The same table, as if it lay in files of `size` samples; no path of it may be asked for whole. */
function inRuns(size: number): ProbabilityTable<"validation"> {
  const froms = Array.from({ length: Math.ceil(table.count / size) }, (_, run) => run * size);
  return {
    ...table,
    runs: froms.map((from) => ({ from, count: Math.min(size, table.count - from) })),
    rows: (one, samples) => {
      const all = table.probabilities(one);
      return Float32Array.from(Array.from(samples, (sample) => [...all.subarray(sample * 4, sample * 4 + 4)]).flat());
    },
    probabilities: () => {
      throw new Error("a whole path");
    },
  };
}

test.prop([fc.integer({ min: 1, max: 31 })])("estimates over runs are those over the whole table", async (size) => {
  const targets = await fitErrorTargets({ table, clusterCount: 3, restarts: 1, seed: 1 });
  for (const estimator of [clusterEstimator(targets), outcomeTargets, uncertaintyEstimator("doctor-alpha")]) {
    expect(estimator.estimate(path, inRuns(size))).toEqual(estimator.estimate(path, table));
  }
});

test.prop([fc.integer({ min: 1, max: 31 })])("halves of a table in files are the halves of the table", (size) => {
  const [whole, stored] = [table, inRuns(size)].map((one) => validationHalves(one, { seed: 2 }));
  expect(stored.fitted.labels).toEqual(whole.fitted.labels);
  expect(stored.held.probabilities(path)).toEqual(whole.held.probabilities(path));
});
