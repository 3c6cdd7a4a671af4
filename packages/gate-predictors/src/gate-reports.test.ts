import { test } from "@fast-check/vitest";
import { pathKey } from "@quee/core";
import { expect } from "vitest";
import { gateDiagnostics } from "./gate-diagnostics.js";
import { gateReports } from "./gate-reports.js";
import { seer, testTable as table } from "./seer.test.fixture.js";
import { wrongness } from "./wrongness.js";

const rateOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, one) => sum + one, 0) / values.length;

test("a gate that knows only how often each path errs looks able on the whole and is a coin within every pair", () => {
  const gates = seer((_, candidate) => rateOf(wrongness(candidate, table)));
  for (const { gate, all, byPair } of gateReports({ gates, table, targets: wrongness })) {
    for (const { auroc, ece } of byPair) {
      expect(auroc).toBe(0.5);
      expect(ece).toBeCloseTo(0, 6);
    }
    if (gate === 2) expect(all.auroc).toBeGreaterThan(0.55);
  }
});

test("parts make up the whole, and the diagram shows them", () => {
  const gates = seer((outcome) => 0.25 + 0.5 * outcome);
  const targets = () => new Float32Array(table.count).fill(0.5);
  const reports = gateReports({ gates, table, targets, bins: 4 });
  const diagnostics = gateDiagnostics({ gates, table, targets });
  reports.forEach(({ gate, all, byExit, byBits, byPair }, g) => {
    const { rmse, ece, brier, auroc } = all;
    expect({ gate, rmse, ece, brier, auroc }).toEqual(diagnostics[g]);
    for (const parts of [byExit, byBits, byPair]) {
      expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(all.count);
      const wrong = parts.reduce((sum, { count, errorRate }) => sum + count * (errorRate ?? 0), 0);
      expect(wrong / all.count).toBeCloseTo(all.errorRate ?? 0, 9);
    }
    expect(all.reliability.reduce((sum, { count }) => sum + count, 0)).toBe(all.count);
    expect(all.reliability[0].predicted).toBeCloseTo(0.25, 9);
    expect(all.reliability[0].observed).toBe(0);
    // Less than a quarter is wrong, and the gate knows which: all of it lies in the last of four bins.
    const last = all.reliability.at(-1);
    expect((last?.count ?? 0) * (last?.observed ?? 0)).toBeCloseTo(all.count * (all.errorRate ?? 0), 6);
  });
  expect(reports.map(({ byExit, byBits }) => [byExit.map(({ exit }) => exit), byBits.map(({ bits }) => bits)])).toEqual(
    [
      [
        [1, 2, 3],
        [8, 6, 5],
      ],
      [
        [2, 3],
        [8, 6, 5],
      ],
    ],
  );
  expect(reports[1].byPair.map(({ prefix, candidate }) => `${pathKey(prefix)} to ${pathKey(candidate)}`)).toEqual([
    ...["8-8 to 8-8", "8-8 to 8-8-8", "8-8 to 8-8-6", "8-8 to 8-8-5"],
    ...["8-6 to 8-6", "8-6 to 8-6-6", "8-6 to 8-6-5", "8-5 to 8-5", "8-5 to 8-5-5"],
  ]);
});
