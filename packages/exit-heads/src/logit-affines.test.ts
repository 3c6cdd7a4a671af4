import { bits, type Path } from "@quee/core";
import { correctAlong, createPathTable, type PathTable, takeSamples } from "@quee/path-tables";
import { randomStream, softmaxRows, tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { featureTable, inRuns } from "./feature-table.test.fixture.js";
import { leastProbability } from "./logit-affine.js";
import { affineOf, fitLogitAffines, type LogitAffines, withLogitAffines } from "./logit-affines.js";
import { logitAffinesToJson, parseLogitAffines } from "./logit-affines-json.js";

const paths: readonly Path[] = [[8], [8, 8], [8, 6], [6, 6]].map((levels) => levels.map(bits));
const [one, , mixed, low] = paths;
const affineBehind = (affines: LogitAffines, path: Path) => affineOf(affines, path.length, path[path.length - 1]);

/** Labels are drawn from the softmax of the logits; path p adds `lean` times p to the logit of class 2. */
function leaningTable(count: number, lean = 1): PathTable<"validation"> {
  const random = randomStream(3, "logits");
  const logits = Float32Array.from({ length: 3 * count }, () => 1.5 * random.normal());
  const truth = softmaxRows(tensor([count, 3], logits)).data;
  const labels = Int32Array.from({ length: count }, (_, i) => {
    const lot = random.uniform();
    if (lot < truth[3 * i]) return 0;
    return lot < truth[3 * i] + truth[3 * i + 1] ? 1 : 2;
  });
  const probabilities = paths.map((_, p) => {
    const shown = logits.map((logit, at) => logit + (at % 3 === 2 ? lean * p : 0));
    return softmaxRows(tensor([count, 3], shown)).data;
  });
  return createPathTable({ role: "validation", classCount: 3, labels, paths, probabilities });
}

test("each exit and bits has its own, fitted on all paths that end there", () => {
  const affines = fitLogitAffines(leaningTable(3000));
  expect([...affines.keys()]).toEqual(["1@8", "2@8", "2@6"]);
  const lean = (path: Path) => {
    const { bias } = affineBehind(affines, path);
    return bias[2] - (bias[0] + bias[1]) / 2;
  };
  // Paths that add 0, 1, and 2 or 3.
  expect(Math.abs(lean(one))).toBeLessThan(0.15);
  expect(Math.abs(lean(paths[1]) + 1)).toBeLessThan(0.2);
  expect(Math.abs(lean(mixed) + 2.5)).toBeLessThan(0.4);
  expect(affineBehind(affines, low)).toBe(affineBehind(affines, mixed));
});

test("a corrected table errs less, keeps what is not an answer, and answers some samples as all", () => {
  const table = { ...leaningTable(3000, 3), exitFeatures: () => Float32Array.of(7) };
  const corrected = withLogitAffines(table, fitLogitAffines(table));
  const right = (of: PathTable) => correctAlong(of, mixed).reduce((sum, hit) => sum + hit, 0);
  expect(right(corrected)).toBeGreaterThan(right(table) + 100);
  expect([corrected.labels, corrected.paths]).toEqual([table.labels, table.paths]);
  expect(corrected.exitFeatures?.(mixed)).toEqual(Float32Array.of(7));
  const some = takeSamples(corrected, [4, 2]).probabilities(mixed);
  expect(some).toEqual(
    Float32Array.of(...corrected.probabilities(mixed).slice(12, 15), ...corrected.probabilities(mixed).slice(6, 9)),
  );
});

test("a table in runs gives the same affines", () => {
  const table = featureTable("validation", 50, { lean: 1 });
  expect(fitLogitAffines(inRuns(table, 7))).toEqual(fitLogitAffines(table));
});

test("a fit that may hold little reads every n-th sample of every path, and comes to much the same", () => {
  const table = leaningTable(3000);
  const read = new Map<Path, number[]>();
  const watched: PathTable<"validation"> = {
    ...table,
    rows: (path, samples) => {
      read.set(path, [...(read.get(path) ?? []), ...Array.from(samples)]);
      return takeSamples(table, samples).probabilities(path);
    },
  };
  // Two paths end at 2@6.
  const affines = fitLogitAffines(watched, { mostLogits: 3 * 3000 });
  expect(read.get(mixed)).toEqual(Array.from({ length: 1500 }, (_, i) => 2 * i));
  expect(read.get(low)).toEqual(Array.from({ length: 1500 }, (_, i) => 2 * i + 1));
  const whole = affineBehind(fitLogitAffines(table), mixed);
  expect(Math.abs(affineBehind(affines, mixed).scale - whole.scale)).toBeLessThan(0.1);
});

test("a head that has none is an error, not a head without correction", () => {
  const table = leaningTable(10);
  const affines = fitLogitAffines({ ...table, paths: [one] });
  expect(() => withLogitAffines(table, affines)).toThrow(/expected one of the head 2@8, got those of 1@8/);
});

test("a probability of zero stands for the least one that the table can hold", () => {
  const affines = new Map([["1@8", { scale: 0.5, bias: new Float32Array(2) }]]);
  const table = createPathTable({
    ...{ role: "validation", classCount: 2, labels: Int32Array.of(0), paths: [one] },
    probabilities: [Float32Array.of(1, 0)],
  });
  const answers = (zero?: number) =>
    withLogitAffines(table, affines, zero === undefined ? {} : { zero }).probabilities(one);
  expectAllclose(answers(), [1, 2 ** -63], { rtol: 1e-5, atol: 0 });
  const least = 2 ** -12.5;
  expectAllclose(answers(leastProbability.float16), [1 / (1 + least), least / (1 + least)], { rtol: 1e-5, atol: 0 });
});

test("JSON holds them exactly, and what is none is refused by place", () => {
  const affines = fitLogitAffines(leaningTable(40));
  const json = logitAffinesToJson(affines);
  expect(parseLogitAffines(JSON.parse(JSON.stringify(json)))).toEqual(affines);
  const [head] = json.heads;
  const refusal = (heads: readonly unknown[]) => () => parseLogitAffines({ ...json, heads }, { file: "a.json" });
  expect(refusal([{ ...head, scale: null }])).toThrow(/a\.json: heads\.0\.scale/);
  expect(refusal([head, head])).toThrow(/each exit and bits once/);
  expect(refusal([head, { ...head, exit: 2, bias: [0] }])).toThrow(/biases of the same classes/);
});
