import { expect, test } from "vitest";
import { type GatePairRow, gatePairsFigure } from "./gate-pairs-figure.js";
import { predictorCurvesFigure } from "./predictor-curves-figure.js";
import { reliabilityFigure } from "./reliability-figure.js";
import { readXml } from "./well-formed.test.data.js";

const bins = [
  { count: 100, predicted: 0.05, observed: 0.1 },
  { count: 25, predicted: 0.3, observed: 0.3 },
];
const pair: GatePairRow = {
  ...{ gate: 2, prefix: "8", candidate: "8-6", count: 50, meanPredicted: 0.2, errorRate: 0.25 },
  ...{ rmse: 0.0512, ece: 0.031, auroc: 0.777 },
};

test("a reliability diagram has a dot for each bin, above the diagonal where more goes wrong than was said", () => {
  const svg = reliabilityFigure(
    [
      { name: "gate 2", bins, words: "ECE 4.0 %" },
      { name: "<gate 3>", bins: [] },
    ],
    { dataset: "d & e" },
  );
  expect(readXml(svg)[0]).toBe("svg");
  expect(svg).not.toMatch(/NaN|undefined|null/);
  const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"[^>]*r="([\d.]+)"/g)].map((m) =>
    m.slice(1).map(Number),
  );
  expect(dots).toHaveLength(2);
  const lines = [...svg.matchAll(/<line x1="([\d.]+)" x2="\1" y1="([\d.]+)" y2="([\d.]+)" style="stroke:var\(--quee/g)];
  const [hopeful, exact] = lines.map((m) => [Number(m[2]), Number(m[3])] as const);
  expect(hopeful![1]).toBeLessThan(hopeful![0]);
  expect(exact![1]).toBe(exact![0]);
  // Four times as many predictions: twice the radius, but for the 2 pixels that every dot has.
  expect((dots[0]![2]! - 2) / (dots[1]![2]! - 2)).toBeCloseTo(2, 1);
  expect(svg).toContain("gate 2\npredicted 5.0\u00a0%, observed 10.0\u00a0%\n100 predictions");
});

test("the axes hold every bin and no more than they must", () => {
  const tick = (end: string) => `>${end}\u00a0%</text>`;
  expect(reliabilityFigure([{ name: "a", bins }], { dataset: "d" })).toContain(tick("30"));
  expect(reliabilityFigure([{ name: "a", bins }], { dataset: "d" })).not.toContain(tick("40"));
  const all = [{ count: 1, predicted: 0.2, observed: 1 }];
  expect(reliabilityFigure([{ name: "a", bins: all }], { dataset: "d" })).toContain(tick("100"));
});

test("every pair of a gate has a row with its scores, and a pair without images has none", () => {
  const svg = gatePairsFigure(
    [pair, { ...pair, candidate: "8", auroc: null }, { ...pair, gate: 3, prefix: "8-6", candidate: "8-6-5", count: 0 }],
    { dataset: "d" },
  );
  expect(readXml(svg ?? "")[0]).toBe("svg");
  for (const words of [">8-6<", ">8, exit<", ">gate 2<", ">0.78<", ">–<", ">0.051<", ">3.1\u00a0%<"]) {
    expect(svg).toContain(words);
  }
  expect(svg).not.toContain("gate 3");
  expect(svg).toContain("gate 2, from 8 to 8-6\npredicted 20.0\u00a0%, observed 25.0\u00a0%, AUROC 0.78");
  expect(gatePairsFigure([], { dataset: "d" })).toBeNull();
});

test("curves are told by their RMSE, the best first", () => {
  const points = [
    { cost: 0.5, top1: 0.8 },
    { cost: 0.9, top1: 0.88 },
  ];
  const svg = predictorCurvesFigure(
    [
      { name: "worse", rmse: 0.2, points },
      { name: "better", rmse: 0.1, points },
      { name: "nothing", rmse: 0.05, points: [] },
    ],
    { dataset: "d", costLabel: "cost" },
  );
  expect(readXml(svg ?? "")[0]).toBe("svg");
  const legendOrder = [...(svg ?? "").matchAll(/>(\w+), RMSE (0\.\d{3})<\/text>/g)].map((m) => m.slice(1));
  expect(legendOrder).toEqual([
    ["better", "0.100"],
    ["worse", "0.200"],
  ]);
  expect(svg?.match(/data-tip/g)).toHaveLength(4);
  expect(predictorCurvesFigure([], { dataset: "d", costLabel: "cost" })).toBeNull();
});
