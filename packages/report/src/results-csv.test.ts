import { expect, test } from "vitest";
import { madeUpResults } from "./made-up-results.test.data.js";
import { curvesCsv } from "./results-csv.js";

test("the CSV is exactly this", () => {
  const results = madeUpResults();
  results.curves = [results.curves[1]!];
  results.curves[0]!.points.splice(2);
  expect(curvesCsv(results)).toBe(
    [
      "method,arithmetic,exit,parameter,setting,top1,top1_ci95_low,top1_ci95_high,cost,cost_p95,exit_1,exit_2,exit_3",
      "static-ptq,fake-quant,replayed,bits,8,0.9,0.889,0.911,1,1,0,0,1",
      "static-ptq,fake-quant,replayed,bits,7,0.893,0.882,0.904,0.875,0.875,0,0,1",
      "",
    ].join("\n"),
  );
});

test("there is one row per point, and numbers read back as they were", () => {
  const results = madeUpResults();
  const rows = curvesCsv(results).trimEnd().split("\n").slice(1);
  expect(rows).toHaveLength(25 + 4 + 30);
  expect(Number(rows[7]!.split(",")[5])).toBe(results.curves[0]!.points[7]!.top1);
});

test("names with commas, quotes and line breaks stay one field", () => {
  const results = madeUpResults();
  results.curves = [{ ...results.curves[1]!, method: 'a,"b"\nc', points: results.curves[1]!.points.slice(0, 1) }];
  expect(curvesCsv(results)).toContain('\n"a,""b""\nc",fake-quant,');
});
