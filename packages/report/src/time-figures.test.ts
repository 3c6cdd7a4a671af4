import { expect, test } from "vitest";
import { bitOpsTimeFigure } from "./bit-ops-time-figure.js";
import { latencyDistributionFigure } from "./latency-distribution-figure.js";
import { readXml } from "./well-formed.test.data.js";

const times = [
  { block: 1, bits: 8, bitOps: 800, milliseconds: 1 },
  { block: 2, bits: 4, bitOps: 200, milliseconds: 0.9 },
  { block: 2, bits: 8, bitOps: 400, milliseconds: 1.2 },
];

test("bars are shares of the same block at its most bits, and the widest gap is told in words", () => {
  const svg = bitOpsTimeFigure(times, "batch 32 on <this>") ?? "";
  expect(readXml(svg)[0]).toBe("svg");
  expect(svg).not.toMatch(/NaN|undefined|null/);
  expect(svg).toContain("block 2 at 4 bits has 50\u00a0% of the BitOPs and takes 75\u00a0% of the time");
  const widths = [...svg.matchAll(/<rect x="126" [^>]*width="([\d.]+)" height="11" data-tip/g)].map((m) =>
    Number(m[1]),
  );
  expect(widths).toHaveLength(6);
  // Rows: block 1, block 2 at 8 bits, block 2 at 4 bits; BitOPs above time.
  const [full, , , , half, threeQuarters] = widths as [number, number, number, number, number, number];
  expect(half / full).toBeCloseTo(0.5, 3);
  expect(threeQuarters / full).toBeCloseTo(0.75, 3);
});

test("blocks of one level leave nothing to compare", () => {
  expect(bitOpsTimeFigure(times.slice(0, 1), "")).toBeNull();
  expect(bitOpsTimeFigure([], "")).toBeNull();
});

test("a slower series lies to the right, and percentiles are told", () => {
  const sortedMs = Array.from({ length: 101 }, (_, i) => 1 + i / 100);
  const slow = sortedMs.map((ms) => 2 * ms);
  const svg =
    latencyDistributionFigure(
      [
        { name: "quee", sortedMs, isMain: true },
        { name: "a & b", sortedMs: slow },
      ],
      "here",
    ) ?? "";
  expect(readXml(svg)[0]).toBe("svg");
  expect(svg).toContain("quee: p50 1.50 ms, p99 1.99 ms");
  const ends = [...svg.matchAll(/<path d="[^"]*L([\d.]+) [\d.]+" data-tip/g)].map((m) => Number(m[1]));
  expect((ends[1]! - 52) / (ends[0]! - 52)).toBeCloseTo(2, 2);
  expect(latencyDistributionFigure([], "here")).toBeNull();
});
