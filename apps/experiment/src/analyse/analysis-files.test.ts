import { bits, type CostTable, pathKey } from "@quee/core";
import { expect, test } from "vitest";
import { savingsOf } from "./analyses/classes.js";
import { tableOf } from "./analysis.js";
import { filesOf } from "./analysis-files.js";

test("an analysis is a file of data, one per table and one per figure, named after it", () => {
  const table = tableOf("rows", "c", ["way, and more", "%top-1", "#λ"], [['a "b"', 0.1234567891, null]]);
  const files = filesOf(
    { name: "ablation", title: "T" },
    { text: ["one"], figures: [{ name: "gains", caption: "c", svg: "<svg/>" }], tables: [table], data: { n: 1 } },
  );
  expect([...files.keys()]).toEqual(["ablation.json", "ablation-rows.csv", "figures/ablation-gains.svg"]);
  expect(JSON.parse(files.get("ablation.json") ?? "")).toEqual({
    analysis: "ablation",
    title: "T",
    text: ["one"],
    data: { n: 1 },
  });
  expect(files.get("ablation-rows.csv")).toBe('"way, and more",top-1,λ\r\n"a ""b""",0.1234567891,\r\n');
  expect(table.columns.map(({ format }) => format)).toEqual(["text", "percent", "number"]);
});

test("what a path spares by depth and by width adds up to what it costs less", () => {
  const byPath = new Map(
    [
      ["8", 0.4],
      ["8-8", 0.7],
      ["8-6", 0.6],
      ["8-8-8", 1],
    ].map(([key, cost]) => [key as never, cost as number]),
  );
  const costs: CostTable = { name: "c", unit: "BitOPs", unitCost: 1, byPath };
  const path = [8, 6].map(bits);
  const { byExit, byBits } = savingsOf(path, costs, 1, bits(8));
  expect(byExit).toBeCloseTo(0.3, 9);
  expect(byBits).toBeCloseTo(0.1, 9);
  expect(byExit + byBits).toBeCloseTo(1 - (byPath.get(pathKey(path) as never) ?? 0), 9);
});
