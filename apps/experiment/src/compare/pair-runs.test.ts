import { QueeError } from "@quee/core";
import { outcomesSchemaVersion, type Results } from "@quee/report";
import { expect, test } from "vitest";
import { packBits } from "../methods/outcomes.js";
import { pairRuns } from "./pair-runs.js";
import type { FinishedRun } from "./read-run.js";

/** A run whose QuEE has the first `hits` of 40 images right at half the cost, all at the whole. */
function run(name: string, hits: number, change: Partial<FinishedRun> = {}): FinishedRun {
  const point = (cost: number, right: number) => ({
    ...{ setting: cost, top1: right / 40, cost, costP95: cost, exitHistogram: [1] },
    top1Ci95: [right / 40, right / 40] as [number, number],
  });
  const results: Results = {
    schemaVersion: 1,
    experiment: { config: name, configHash: "", seed: 1 },
    dataset: "digits",
    splits: { train: 1, validation: 1, calibration: 1, test: 40 },
    backbone: { name: "vit", top1: 1, macs: 1, exits: [1], levels: [8], exitTop1: [1] },
    paths: ["8"],
    cost: { model: "with-stem", unit: "BitOPs", unitCost: 100, stem: 0, heads: [0] },
    curves: [
      {
        method: "quee",
        parameter: "lambda",
        arithmetic: "fake-quant",
        exit: "replayed",
        points: [point(0.5, hits), point(1, 40)],
      },
    ],
    gates: [],
    clusters: { K: 1, ece: null, brier: null },
    operatingPoints: [{ budget: 0.75, lambda: null, validation: null, test: null, rivals: [] }],
    classes: { names: ["a"], points: [] },
    examples: [],
  };
  const bitsOf = (right: number) => packBits(Array.from({ length: 40 }, (_, i) => (i < right ? 1 : 0)));
  return {
    ...{ name, path: `/runs/${name}`, config: `seed: 1\nname: ${name}\n`, results },
    outcomes: {
      ...{ schemaVersion: outcomesSchemaVersion, testImages: "same", count: 40 },
      curves: [
        {
          method: "quee",
          bySeed: [
            [
              { setting: 0.5, cost: 0.5, right: bitsOf(hits) },
              { setting: 1, cost: 1, right: bitsOf(40) },
            ],
          ],
        },
      ],
    },
    ...change,
  };
}

const errorOf = (a: FinishedRun, b: FinishedRun) => {
  try {
    pairRuns(a, b);
  } catch (error) {
    if (error instanceof QueeError) return error.message;
    throw error;
  }
  return "no error";
};

test("runs on the same images are compared image by image at the same cost", () => {
  const { pairs, config, unpaired, costScale } = pairRuns(run("a", 30), run("b", 10));
  expect({ unpaired, costScale, config }).toEqual({ unpaired: null, costScale: 1, config: ['name: "a" → "b"'] });
  const [quee] = pairs;
  const at = (cost: number) => quee?.at.find((one) => one.cost === cost);
  expect(at(0.5)).toMatchObject({ difference: 0.5, significant: true });
  expect(at(0.75)?.difference).toBeCloseTo(0.25, 12);
  expect(at(1)).toMatchObject({ difference: 0, significant: false });
  expect(quee?.whole?.difference).toBeCloseTo(0.25, 12);
});

test("the second run's costs are put on the scale of the first", () => {
  const b = run("b", 30);
  b.results.cost.unitCost = 60;
  const { costScale, pairs, curves } = pairRuns(run("a", 30), b);
  expect(costScale).toBe(0.6);
  // Its half costs 0.3 and its whole 0.6 of the first's whole.
  expect(pairs[0]?.whole).toMatchObject({ from: 0.5, to: 0.6 });
  expect(curves[0]?.at.find(({ cost }) => cost === 0.6)).toEqual({ cost: 0.6, first: 0.75 + 0.25 / 5, second: 1 });
});

test("on other images, or without outcomes, only curves are told, and why", () => {
  const other = run("b", 10);
  const moved = pairRuns(run("a", 30), { ...other, outcomes: { ...other.outcomes!, testImages: "others" } });
  expect(moved.unpaired).toBe("they were tested on different images");
  expect(moved.pairs).toEqual([]);
  expect(moved.curves[0]?.at[0]).toEqual({ cost: 0.5, first: 0.75, second: 0.25 });
  expect(pairRuns(run("a", 30), { ...other, outcomes: null }).unpaired).toMatch(/b has no outcomes\.json/);
});

test("what cannot be compared is refused", () => {
  const change = (edit: (results: Results) => void) => {
    const other = run("b", 10);
    edit(other.results);
    return other;
  };
  expect(errorOf(run("a", 1), run("a", 1))).toMatch(/expected two of them, got a twice/);
  expect(
    errorOf(
      run("a", 1),
      change((results) => (results.dataset = "svhn")),
    ),
  ).toMatch(/expected digits, as of a, got svhn/);
  expect(
    errorOf(
      run("a", 1),
      change((results) => (results.cost.model = "blocks-only")),
    ),
  ).toMatch(/with cost\.model=with-stem/);
});
