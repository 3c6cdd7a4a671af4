import { bits, type Path } from "@quee/core";
import { correctAlong, createPathTable, type PathTable } from "@quee/path-tables";
import { randomStream, softmaxRows, tensor } from "@quee/tensor";
import { expect, test } from "vitest";
import { fitLogitAffines, withLogitAffines } from "./logit-affines.js";

const paths: readonly Path[] = [[8], [8, 8], [8, 6]].map((levels) => levels.map(bits));

/** Labels are drawn from the softmax of the logits; what the table says is what `seen` makes of them. */
function tableOf(count: number, seen: (logit: number, k: number) => number): PathTable<"validation"> {
  const random = randomStream(3, "logits");
  const logits = Float32Array.from({ length: 3 * count }, () => 1.5 * random.normal());
  const truth = softmaxRows(tensor([count, 3], logits)).data;
  const labels = Int32Array.from({ length: count }, (_, i) => {
    const lot = random.uniform();
    if (lot < (truth[3 * i] ?? 0)) return 0;
    return lot < (truth[3 * i] ?? 0) + (truth[3 * i + 1] ?? 0) ? 1 : 2;
  });
  const shown = logits.map((logit, at) => seen(logit, at % 3));
  const { data } = softmaxRows(tensor([count, 3], shown));
  return createPathTable({ role: "validation", classCount: 3, labels, paths, probabilities: paths.map(() => data) });
}

test("logits that are twice too large and lean to a class are set right", () => {
  const affines = fitLogitAffines(tableOf(4000, (logit, k) => 2 * logit + (k === 1 ? 1 : 0)));
  for (const { scale, bias } of affines.values()) {
    expect(scale).toBeGreaterThan(0.42);
    expect(scale).toBeLessThan(0.58);
    // Only differences of biases mean something: half of the 1 that the table adds has to go.
    expect((bias[1] ?? 0) - ((bias[0] ?? 0) + (bias[2] ?? 0)) / 2).toBeCloseTo(-0.5, 0);
  }
});

test("each exit and bit-width has its own, and a path takes that of the block that answers", () => {
  expect([...fitLogitAffines(tableOf(20, (logit) => logit)).keys()]).toEqual(["1@8", "2@8", "2@6"]);
});

test("a corrected table holds probabilities, errs less, and has the same labels and paths", () => {
  const table = tableOf(3000, (logit, k) => logit + (k === 2 ? 3 : 0));
  const corrected = withLogitAffines(table, fitLogitAffines(table));
  const right = (one: PathTable) => correctAlong(one, [bits(8)]).reduce((sum, hit) => sum + hit, 0);
  expect(right(corrected)).toBeGreaterThan(right(table) + 100);
  expect(corrected.labels).toBe(table.labels);
  expect(corrected.paths).toBe(table.paths);
});
