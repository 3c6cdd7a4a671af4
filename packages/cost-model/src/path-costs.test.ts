import { fc, test } from "@fast-check/vitest";
import { bits, type CostTable, costOf, legalPaths, type Path, uniformPaths } from "@quee/core";
import { expect } from "vitest";
import { pathCostTable, staticCost } from "./path-costs.js";

/** T2T-ViT-7 at 64×64, exits behind layers 2, 4 and 7. */
const macs = {
  stem: 23_226_368,
  stemFloat: 2_631_680,
  blocks: [2, 2, 3].map((layers) => layers * 9_060_864),
  heads: [2560, 2560, 2560],
};
const levels = [5, 6, 7, 8].map(bits);
const space = { levels, exitCount: 3, order: "monotone", firstBlock: "highest" } as const;
const paths = legalPaths(space);
const gateMacs = [2400, 1500];
const free = [0, 0];
const path = (...levels: number[]): Path => levels.map(bits);

test("exits at 8 bits cost the published fractions with the stem, and without it", () => {
  const exits = uniformPaths(bits(8), 3);
  const fractions = (table: CostTable) => exits.map((exit) => costOf(table, exit).toFixed(3));
  expect(fractions(pathCostTable({ macs, gateMacs: free, paths, levels }))).toEqual(["0.477", "0.686", "1.000"]);
  expect(fractions(pathCostTable({ macs, gateMacs: free, paths, levels, model: "blocks-only" }))).toEqual([
    "0.286",
    "0.571",
    "1.000",
  ]);
});

test("the cheapest full-depth path costs 0.804 of the network", () => {
  const table = pathCostTable({ macs, gateMacs: free, paths, levels });
  expect(costOf(table, path(8, 5, 5)).toFixed(3)).toBe("0.804");
});

test("a path pays stem, blocks, heads and gates that it passes, each at its bits", () => {
  const small = { stem: 100, stemFloat: 10, blocks: [20, 30, 40], heads: [1, 2, 3] };
  const table = pathCostTable({ macs: small, gateMacs: [5, 7], paths, levels });
  expect(table).toMatchObject({ unitCost: (100 + 90 + 3) * 8, unit: "BitOPs", name: "BitOPs with stem" });
  const costBitOps = (...levels: number[]) => Math.round(costOf(table, path(...levels)) * table.unitCost * 1e6) / 1e6;
  expect(costBitOps(8)).toBe((100 + 20 + 1) * 8 + 5 * 32);
  expect(costBitOps(8, 6)).toBe((100 + 20 + 1) * 8 + (30 + 2) * 6 + (5 + 7) * 32);
  expect(costBitOps(8, 6, 5)).toBe((100 + 20 + 1) * 8 + (30 + 2) * 6 + (40 + 3) * 5 + (5 + 7) * 32);
});

test("where block 1 runs at fewer bits, so does the stem, and all is a share of everything at the most bits", () => {
  const small = { stem: 100, stemFloat: 10, blocks: [20, 30, 40], heads: [1, 2, 3] };
  const free = legalPaths({ ...space, firstBlock: "any" });
  const table = pathCostTable({ macs: small, gateMacs: [5, 7], paths: free, levels });
  expect(table.unitCost).toBe((100 + 90 + 3) * 8);
  const costBitOps = (...bitWidths: number[]) => costOf(table, path(...bitWidths)) * table.unitCost;
  expect(costBitOps(6)).toBeCloseTo((100 + 20 + 1) * 6 + 5 * 32, 6);
  expect(costBitOps(6, 5)).toBeCloseTo((100 + 20 + 1) * 6 + (30 + 2) * 5 + (5 + 7) * 32, 6);
  const blocks = pathCostTable({ macs: small, gateMacs: [5, 7], paths: free, levels, model: "blocks-only" });
  expect(costOf(blocks, path(6, 5))).toBeCloseTo((20 * 6 + 30 * 5) / (90 * 8), 12);
});

test("a static network pays one head: that of its own exit", () => {
  const small = { stem: 100, stemFloat: 10, blocks: [20, 30, 40], heads: [1, 2, 3] };
  const table = pathCostTable({ macs: small, gateMacs: free, paths, levels, headsPaid: "last-exit" });
  expect(costOf(table, path(8, 6)) * table.unitCost).toBeCloseTo((100 + 20) * 8 + (30 + 2) * 6, 6);
  const whole = [uniformPaths(bits(6), 3)[2] as Path];
  const uniform = pathCostTable({ macs: small, gateMacs: free, paths: whole, levels, headsPaid: "last-exit" });
  expect(costOf(uniform, path(6, 6, 6))).toBeCloseTo(staticCost(bits(6), bits(8)), 12);
});

test("blocks-only counts blocks and nothing else, whatever stem, heads and gates cost", () => {
  const small = { stem: 100, stemFloat: 10, blocks: [20, 30, 40], heads: [1, 2, 3] };
  const table = pathCostTable({ macs: small, gateMacs: [5, 7], paths, levels, model: "blocks-only" });
  expect(costOf(table, path(8, 6))).toBeCloseTo((20 * 8 + 30 * 6) / (90 * 8), 12);
  expect(costOf(table, path(8, 8, 8))).toBe(1);
});

test("weights times activations squares the bits", () => {
  const small = { stem: 100, stemFloat: 10, blocks: [20, 30, 40], heads: [1, 2, 3] };
  const table = pathCostTable({ macs: small, gateMacs: [5, 7], paths, levels, model: "weights-times-activations" });
  const expected = (100 + 20 + 1) * 64 + (30 + 2) * 36 + 12 * 32 * 32;
  expect(costOf(table, path(8, 6))).toBeCloseTo(expected / ((100 + 90 + 3) * 64), 12);
});

test("executed float parts count at 32 bits in path and normaliser", () => {
  const table = pathCostTable({ macs, gateMacs: free, paths, levels, floatParts: "executed" });
  const quantized = macs.stem - macs.stemFloat;
  const blocks = macs.blocks.reduce((all, block) => all + block, 0);
  expect(table.unitCost).toBe((quantized + blocks + 2560) * 8 + macs.stemFloat * 32);
  expect(table.name).toContain("float parts at 32 bits");
  expect(costOf(table, path(8))).toBeGreaterThan(
    costOf(pathCostTable({ macs, gateMacs: free, paths, levels }), path(8)),
  );
});

test.prop([
  fc.subarray([...levels], { minLength: 1 }),
  fc.constantFrom("with-stem", "blocks-only", "weights-times-activations" as const),
])("going on costs more than leaving, and more bits cost more", (some, model) => {
  const all = legalPaths({ ...space, levels: some, order: "any", firstBlock: "any" });
  const table = pathCostTable({ macs, gateMacs, paths: all, levels: some, model });
  for (const longer of all.filter(({ length }) => length > 1)) {
    expect(costOf(table, longer)).toBeGreaterThan(costOf(table, longer.slice(0, -1)));
    const highest = Math.max(...some);
    const richer = longer.map((_, j) => (j === 0 ? longer[0]! : bits(highest)));
    expect(costOf(table, richer)).toBeGreaterThanOrEqual(costOf(table, longer));
  }
});

test("static rivals cost b over b_max, or its square", () => {
  expect(staticCost(bits(6), bits(8))).toBe(0.75);
  expect(staticCost(bits(6), bits(8), "weights-times-activations")).toBe(0.5625);
});

test("a missing gate and a path that is too long are bugs that say so", () => {
  expect(() => pathCostTable({ macs, gateMacs: [1], paths, levels })).toThrow(
    "gateMacs: expected 2 gates (before blocks 2 … E), got 1",
  );
  expect(() => pathCostTable({ macs, gateMacs, paths: [path(8, 8, 8, 8)], levels })).toThrow(
    "path 8-8-8-8: expected 1 to 3 blocks, got 4",
  );
});
