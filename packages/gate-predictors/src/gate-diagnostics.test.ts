import { test } from "@fast-check/vitest";
import { argmaxRows } from "@quee/tensor";
import { expect } from "vitest";
import { gateDiagnostics } from "./gate-diagnostics.js";
import type { TableTargets } from "./remembered.js";
import { seer, testTable as table } from "./seer.test.fixture.js";

const wrong: TableTargets = (path, { classCount, count, labels, probabilities }) =>
  Float32Array.from(argmaxRows({ shape: [count, classCount], data: probabilities(path) }), (k, i) =>
    k === labels[i] ? 0 : 1,
  );

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
