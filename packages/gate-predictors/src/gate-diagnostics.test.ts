import { test } from "@fast-check/vitest";
import { legalPaths, pathKey, startsWith } from "@quee/core";
import { argmaxRows, randomStream } from "@quee/tensor";
import { expect } from "vitest";
import { gateDiagnostics } from "./gate-diagnostics.js";
import { createGates, type Gates } from "./gates.js";
import { initialNetwork } from "./network.js";
import type { TableTargets } from "./remembered.js";
import { randomTable, space } from "./views.test.fixture.js";

const table = randomTable("test", 120, 4, 8);
const wrong: TableTargets = (path, { classCount, count, labels, probabilities }) =>
  Float32Array.from(argmaxRows({ shape: [count, classCount], data: probabilities(path) }), (k, i) =>
    k === labels[i] ? 0 : 1,
  );

/** Knows the future: what it predicts is a function of the outcome of each candidate. */
function seer(predict: (outcome: number) => number): Gates {
  const architecture = { reading: "A", embedding: 8, hidden: 16, classCount: 4, exitCount: 3 } as const;
  const network = initialNetwork(architecture, randomStream(0, ""));
  const gates = createGates(architecture, space, new Map([2, 3].map((gate) => [gate, network])));
  let first = 0;
  return {
    ...gates,
    predict({ prefix, count }) {
      const candidates = legalPaths(space).filter((path) => startsWith(path, prefix));
      const outcomes = candidates.map((path) => wrong(path, table));
      const predictedError = new Float32Array(count * candidates.length);
      for (let i = 0; i < count; i++) {
        outcomes.forEach((outcome, a) => {
          predictedError[i * candidates.length + a] = predict(outcome[(first + i) % table.count]);
        });
      }
      // Prefixes of one gate are asked one after the other for the same samples.
      if (pathKey(prefix) === "8" || pathKey(prefix) === "8-5") first = (first + count) % table.count;
      return { candidates, predictedError };
    },
  };
}

test("a gate that knows the outcome is perfect", () => {
  for (const { gate, ...scores } of gateDiagnostics({
    gates: seer((outcome) => outcome),
    table,
    targets: wrong,
    batchSize: 50,
  })) {
    expect(scores, `gate ${gate}`).toEqual({ rmse: 0, ece: 0, brier: 0, auroc: 1 });
  }
});

test("one that has it backwards is the worst", () => {
  for (const scores of gateDiagnostics({ gates: seer((outcome) => 1 - outcome), table, targets: wrong })) {
    expect(scores).toMatchObject({ rmse: 1, brier: 1, auroc: 0 });
  }
});

test("one that always says a half tells nothing apart, and is a quarter off", () => {
  const targets: TableTargets = (path, data) => wrong(path, data).map(() => 0.25);
  for (const { rmse, brier, auroc } of gateDiagnostics({ gates: seer(() => 0.5), table, targets })) {
    expect([rmse, brier, auroc]).toEqual([0.25, 0.25, 0.5]);
  }
});

test("there is a row for each gate that has parameters", () => {
  const rows = gateDiagnostics({ gates: seer(() => 0.5), table, targets: wrong });
  expect(rows.map(({ gate }) => gate)).toEqual([2, 3]);
});
