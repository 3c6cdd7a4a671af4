import { describe, expect, test } from "vitest";
import { curvesFigure } from "./curves-figure.js";
import { gainFigure } from "./gain-figure.js";
import { savingsFigure } from "./savings-figure.js";
import { seriesFigure } from "./series-figure.js";
import { readXml } from "./well-formed.test.data.js";

const hostile = `<script>alert("x")</script> & 'y' \u0000`;

function expectSound(svg: string | null): asserts svg is string {
  expect(svg).not.toBeNull();
  expect(readXml(svg as string)[0]).toBe("svg");
  expect(svg).not.toMatch(/NaN|undefined|null|<script/);
}

describe("curves of several ways", () => {
  const points = [
    { cost: 0.9, top1: 0.8, interval: [0.78, 0.82] as const },
    { cost: 0.5, top1: 0.6, interval: [0.55, 0.65] as const },
  ];

  test("have a line each, from the cheapest point on, and a band where there are intervals", () => {
    const svg = curvesFigure(
      [
        { name: hostile, points },
        { name: "b", points: [{ cost: 0.7, top1: 0.7 }] },
        { name: "nothing", points: [] },
      ],
      { title: "t", costLabel: "cost", reference: { name: "whole", top1: 0.85 } },
    );
    expectSound(svg);
    expect(svg.match(/fill-opacity:.12/g)).toHaveLength(1);
    const line = /<path d="M([\d.]+) [\d.]+L([\d.]+) [\d.]+" style="fill:none/.exec(svg);
    expect(Number(line?.[1])).toBeLessThan(Number(line?.[2]));
    expect(svg).toContain("whole 85.0\u00a0%");
    expect(svg).toContain("top-1 80.0\u00a0% (78.0\u00a0% to 82.0\u00a0%)\ncost 90.0\u00a0%");
    expect(svg).not.toContain("nothing");
  });

  test("are not flattened by the wide intervals of few seeds", () => {
    const wide = points.map((point) => ({ ...point, interval: [-4, 5] as const }));
    const svg = curvesFigure([{ name: "a", points: wide }], { title: "t", costLabel: "c" });
    expectSound(svg);
    expect(svg).toContain(">60\u00a0%</text>");
    expect(svg).not.toContain(">100\u00a0%</text><line");
    const heights = [...svg.matchAll(/[ML][\d.]+ (-?[\d.]+)/g)].map((m) => Number(m[1]));
    expect(Math.min(...heights)).toBeGreaterThan(0);
  });

  test("are shades where their order means something", () => {
    const ways = ["1", "2", "3"].map((name) => ({ name, points }));
    const options = { title: "t", costLabel: "c", order: "scale" as const };
    const svg = curvesFigure(ways, options);
    expectSound(svg);
    expect(new Set(svg.match(/stroke:#[0-9a-f]{6}/g))).toHaveLength(3);
  });

  test("of nothing are no figure", () => {
    expect(curvesFigure([], { title: "t", costLabel: "c" })).toBeNull();
  });
});

describe("gains", () => {
  test("stand right of zero where they help, and are coloured where the interval says so", () => {
    const svg = gainFigure(
      [
        { name: hostile, gain: 0.4, halfWidth: 0.1 },
        { name: "open", gain: 0.4, halfWidth: 0.5 },
        { name: "harm", gain: -0.2, halfWidth: 0.1 },
        { name: "one seed", gain: 0.1, halfWidth: null },
      ],
      { title: "t", axis: "points" },
    );
    expectSound(svg);
    const dots = [...svg.matchAll(/<circle cx="([\d.]+)" [^>]*style="fill:var\(--([a-z0-9-]+)/g)];
    expect(dots.map((dot) => dot[2])).toEqual(["rival-2", "muted", "rival-1", "muted"]);
    expect(Number(dots[0]?.[1])).toBeGreaterThan(Number(dots[2]?.[1]));
    expect(svg).toContain("+0.4 ± 0.10 points");
    expect(svg).toContain("−0.2");
  });

  test("of nothing are no figure", () => {
    expect(gainFigure([], { title: "t", axis: "a" })).toBeNull();
  });
});

describe("a series", () => {
  test("has a dot for each number, a bar where there is an interval, and rises to the top", () => {
    const svg = seriesFigure(
      [
        {
          name: hostile,
          points: [
            { x: 15, y: 0.8, halfWidth: null },
            { x: 5, y: 0.7, halfWidth: 0.02 },
          ],
        },
      ],
      { title: "t", xLabel: "paths", yLabel: "top-1" },
    );
    expectSound(svg);
    const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="4.5" data-tip/g)].map((m) => m.map(Number));
    expect(dots).toHaveLength(2);
    expect(dots[0]![1]!).toBeLessThan(dots[1]![1]!);
    expect(dots[0]![2]!).toBeGreaterThan(dots[1]![2]!);
    expect(svg.match(/stroke-opacity:.5"/g)).toHaveLength(1);
    expect(seriesFigure([], { title: "t", xLabel: "x", yLabel: "y" })).toBeNull();
  });
});

describe("savings of classes", () => {
  test("lie end to end, each as long as its share", () => {
    const svg = savingsFigure(
      [
        { name: hostile, byExit: 0.3, byBits: 0.1 },
        { name: "ship", byExit: 0, byBits: 0.2 },
      ],
      { title: "t" },
    );
    expectSound(svg);
    const bars = [...svg.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="18" data-tip/g)].map((m) =>
      m.slice(1).map(Number),
    ) as [number, number][];
    expect(bars).toHaveLength(4);
    const [exit, width, next, last] = bars;
    expect(exit![0] + exit![1]).toBeCloseTo(width![0], 1);
    expect(exit![1] / width![1]).toBeCloseTo(3, 1);
    expect(next![1]).toBe(0);
    expect(last![1] / width![1]).toBeCloseTo(2, 1);
    expect(svg).toContain("30.0\u00a0% by leaving early, 10.0\u00a0% by fewer bits");
    expect(savingsFigure([], { title: "t" })).toBeNull();
  });
});
