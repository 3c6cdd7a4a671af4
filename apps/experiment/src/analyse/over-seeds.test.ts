import { expect, test } from "vitest";
import { worthKeeping } from "./analyses/ablation.js";
import type { Outcome } from "./outcome.js";
import { areas, areasWithin, meanCurve, pointsText, spreadOf } from "./over-seeds.js";

const range = { from: 0.5, to: 1 };

/** A curve that rises from `low` to `high` over the range, on both splits. */
function outcome(low: number, high: number, from = 0.5): Outcome {
  const points = [
    { lambda: 0, choose: { cost: 1, top1: high }, test: { cost: 1, top1: high } },
    { lambda: null, choose: { cost: from, top1: low }, test: { cost: from, top1: low } },
  ];
  return { full: { choose: high, test: high }, points, atLoss: [], gates: [], epochs: [], gateMacs: [] };
}

test("a mean of seeds has an interval of Student's t, and one seed none", () => {
  expect(spreadOf([0.5])).toEqual({ mean: 0.5, halfWidth: null });
  const { mean, halfWidth } = spreadOf([1, 2, 3]);
  expect(mean).toBe(2);
  // t(0.975, 2) = 4.3027, s = 1, n = 3
  expect(halfWidth).toBeCloseTo(4.3027 / Math.sqrt(3), 3);
  expect(pointsText({ mean: 0.00314, halfWidth: 0.00121 })).toBe("0.31 ± 0.12");
});

test("areas are mean accuracies over the range, and there is none where a curve begins later", () => {
  expect(areas([outcome(0.6, 0.8), outcome(0.7, 0.7)], range)).toEqual([expect.closeTo(0.7), expect.closeTo(0.7)]);
  expect(areasWithin([outcome(0.6, 0.8), outcome(0.6, 0.8, 0.7)], range)).toBeNull();
});

test("the mean curve lies between those of the seeds, and begins where all have begun", () => {
  const curve = meanCurve([outcome(0.6, 0.8), outcome(0.5, 0.7, 0.7)], range, 3);
  expect(curve.map(({ cost }) => cost)).toEqual([0.7, expect.closeTo(0.85), 1]);
  expect(curve[0]?.top1).toBeCloseTo((0.68 + 0.5) / 2, 9);
  expect(curve[2]?.top1).toBeCloseTo(0.75, 9);
});

test("of each kind the best change stays, and only if its gain is beyond the interval over seeds", () => {
  const paper = [outcome(0.6, 0.8), outcome(0.6, 0.8), outcome(0.6, 0.8)];
  const row = (name: string, group: "targets" | "logits" | "reading", gains: readonly number[]) => ({
    ...{ name, group, change: {} },
    outcomes: gains.map((gain) => outcome(0.6 + gain, 0.8 + gain)),
  });
  const kept = worthKeeping(
    [
      row("good", "targets", [0.01, 0.011, 0.012]),
      row("better", "targets", [0.02, 0.021, 0.022]),
      row("lucky", "logits", [0.09, 0.001, 0.002]),
      row("harm", "reading", [-0.01, -0.011, -0.012]),
    ],
    paper,
    range,
  );
  expect(kept.map(({ name }) => name)).toEqual(["better"]);
  // One seed has no interval.
  expect(worthKeeping([row("good", "targets", [0.01])], paper.slice(0, 1), range)).toEqual([]);
});
