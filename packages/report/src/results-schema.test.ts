import { describe, expect, test } from "vitest";
import { madeUpResults } from "./made-up-results.test.data.js";
import { type Results, resultsSchema } from "./results-schema.js";
import { timingsSchema } from "./timings-schema.js";

/** The first complaint about results that `spoil` has touched, as `path: message`. */
function complaint(spoil: (results: Results & Record<string, unknown>) => void): string {
  const results = madeUpResults();
  spoil(results as Results & Record<string, unknown>);
  const parsed = resultsSchema.safeParse(results);
  return parsed.success
    ? "accepted"
    : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)[0]!;
}

test("whole results are accepted and come back unchanged", () => {
  expect(resultsSchema.parse(madeUpResults())).toEqual(madeUpResults());
});

test("results survive JSON", () => {
  expect(resultsSchema.parse(JSON.parse(JSON.stringify(madeUpResults())))).toEqual(madeUpResults());
});

test("the contract's fields are where other tools look for them", () => {
  const { schemaVersion, dataset, backbone, paths, cost, curves, gates, clusters } = resultsSchema.parse(
    madeUpResults(),
  );
  expect(schemaVersion).toBe(1);
  expect(dataset).toBe("synthetic-digits");
  expect(backbone).toMatchObject({ top1: 0.902, macs: 18_400_000 });
  expect(paths).toContain("8-8-6");
  expect(Object.keys(cost)).toEqual(expect.arrayContaining(["model", "stem", "heads"]));
  expect(Object.keys(curves[0]!)).toEqual(expect.arrayContaining(["method", "arithmetic", "exit", "points"]));
  const point = ["setting", "top1", "top1Ci95", "cost", "costP95", "exitHistogram"];
  expect(Object.keys(curves[0]!.points[0]!)).toEqual(expect.arrayContaining(point));
  expect(Object.keys(gates[0]!)).toEqual(["gate", "rmse", "ece", "brier", "auroc"]);
  expect(Object.keys(clusters)).toEqual(["K", "ece", "brier"]);
});

describe("refuses", () => {
  test.each<[string, (results: Results & Record<string, unknown>) => void, RegExp]>([
    ["another version", (r) => Object.assign(r, { schemaVersion: 2 }), /^schemaVersion: /],
    ["a field that it does not know", (r) => Object.assign(r, { createdAt: "today" }), /createdAt/],
    [
      "an accuracy in percent",
      (r) => Object.assign(r.curves[0]!.points[3]!, { top1: 88.1 }),
      /^curves\.0\.points\.3\.top1: /,
    ],
    ["NaN", (r) => Object.assign(r.clusters, { ece: Number.NaN }), /^clusters\.ece: /],
    [
      "infinity",
      (r) => Object.assign(r.curves[1]!.points[0]!, { cost: Number.POSITIVE_INFINITY }),
      /^curves\.1\.points\.0\.cost/,
    ],
    [
      "an interval upside down",
      (r) => Object.assign(r.curves[0]!.points[0]!, { top1Ci95: [0.9, 0.8] }),
      /low end first/,
    ],
    [
      "shares that do not sum to 1",
      (r) => Object.assign(r.curves[0]!.points[0]!, { exitHistogram: [0.5, 0.4, 0] }),
      /sum to 1/,
    ],
    [
      "a histogram of too few exits",
      (r) => Object.assign(r.curves[0]!.points[0]!, { exitHistogram: [0.5, 0.5] }),
      /one value per exit \(3\)/,
    ],
    ["a path that is longer than the network", (r) => r.paths.push("8-8-8-8"), /^paths\.15: at most 3 blocks/],
    ["a path at bits that no block has", (r) => r.paths.push("8-4"), /8, 7, 6, 5 bits/],
    ["a path that is not one", (r) => r.paths.push("8→8"), /joined by dashes/],
    ["a way of exit that nobody has", (r) => Object.assign(r.curves[0]!, { exit: "guessed" }), /^curves\.0\.exit: /],
    ["a first gate at bits that no block has", (r) => (r.operatingPoints[1]!.firstBits = 4), /8, 7, 6, 5 bits/],
    ["half an operating point", (r) => Object.assign(r.operatingPoints[1]!, { test: null }), /null for all three/],
    ["counts of a class too few", (r) => r.classes.points[0]!.correct.pop(), /one value per class \(10\)/],
    ["no curve at all", (r) => r.curves.splice(0), /^curves: /],
  ])("%s", (_, spoil, expected) => {
    expect(complaint(spoil)).toMatch(expected);
  });
});

test("timings hold one line per stage and no negative time", () => {
  const stage = { name: "collect", seconds: 1.5, cpuSeconds: 2.9, peakRssBytes: 1e8, cached: false };
  expect(timingsSchema.parse({ schemaVersion: 1, stages: [stage] }).stages).toEqual([stage]);
  expect(timingsSchema.safeParse({ schemaVersion: 1, stages: [{ ...stage, seconds: -1 }] }).success).toBe(false);
});
