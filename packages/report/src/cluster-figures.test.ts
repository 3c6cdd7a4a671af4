import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { type BoxPlot, clusterBoxFigure } from "./cluster-box-figure.js";
import { type ClusterCountFigureOptions, clusterCountFigure } from "./cluster-count-figure.js";
import { readXml } from "./well-formed.test.data.js";

const hostile = `<script>alert("x")</script> & 'y' \u0000`;

function plot(at: number, outliers: readonly number[] = []): BoxPlot {
  return {
    lowerWhisker: at - 0.2,
    lowerQuartile: at - 0.1,
    median: at,
    upperQuartile: at + 0.1,
    upperWhisker: at + 0.2,
    outliers,
  };
}

const clusters = [
  { errorRate: 0.01, count: 400, entropy: plot(0.3, [1.2]), labelProbability: plot(0.7) },
  { errorRate: 0.3, count: 1, entropy: plot(1), labelProbability: plot(0.5) },
  { errorRate: 0.2, count: 0, entropy: null, labelProbability: null },
];

describe("box plots of cells", () => {
  const draw = (quantity: "entropy" | "labelProbability") =>
    clusterBoxFigure({ dataset: "digits", path: "8-7", quantity, clusters });

  test("have one box per cell with samples, its numbers in words, and a dot per outlier", () => {
    const svg = draw("entropy");
    readXml(svg);
    expect(svg.match(/data-tip=""/g)).toHaveLength(2);
    expect(svg.match(/<circle/g)).toHaveLength(1);
    expect(svg).toContain("p̃e 1.0\u00a0%, 400 images\nmedian 0.3, half of them from 0.2 to 0.4");
    expect(svg).toContain("p̃e 30.0\u00a0%, 1 image\n");
    expect(draw("labelProbability")).toContain("median 70\u00a0%, half of them from 60\u00a0% to 80\u00a0%");
  });

  test("stand where their numbers say: a higher quartile is higher, and boxes are as high as their range", () => {
    const boxes = [
      ...draw("labelProbability").matchAll(/<rect x="[\d.]+" width="[\d.]+" y="([\d.]+)" height="([\d.]+)"/g),
    ];
    const [first, second] = boxes.map(([, y, height]) => ({ y: Number(y), height: Number(height) }));
    // The axis runs from 0 to 1 over 260 pixels.
    expect(second!.y - first!.y).toBeCloseTo(0.2 * 260, 1);
    expect(first!.height).toBeCloseTo(0.2 * 260, 1);
  });

  test("of very many cells not every p̃e is written", () => {
    const many = Array.from({ length: 70 }, () => clusters[0]!);
    const svg = clusterBoxFigure({ dataset: "digits", path: "8", quantity: "entropy", clusters: many });
    expect(svg.match(/data-tip=""/g)).toHaveLength(70);
    expect(svg.match(/>1\u00a0%<\/text>/g)!.length).toBeLessThan(20);
  });

  test("of no cell, of empty cells and of names from outside are figures", () => {
    for (const few of [[], [clusters[2]!]]) {
      const svg = clusterBoxFigure({ dataset: hostile, path: "8", quantity: "entropy", clusters: few });
      readXml(svg);
      expect(svg).not.toMatch(/<script|NaN|Infinity|undefined/);
    }
  });
});

describe("scores against the number of cells", () => {
  const options: ClusterCountFigureOptions = {
    dataset: "digits",
    score: "ece",
    points: [
      { clusterCount: 40, ece: 0.03, brier: 0.12 },
      {
        clusterCount: 1,
        ece: 0.02,
        brier: 0.2,
        bySplit: [
          { ece: 0.01, brier: 0.19 },
          { ece: 0.03, brier: 0.21 },
        ],
      },
      { clusterCount: 20, ece: 0.01, brier: 0.1 },
    ],
    parabola: { a: 0.0001, b: -0.004, c: 0.045, minimum: { x: 20, y: 0.005 } },
    chosen: 20,
  };

  test("every number of cells is a point with its score, the chosen one is named", () => {
    const svg = clusterCountFigure(options) ?? "";
    readXml(svg);
    for (const words of ["K = 1: 2\u00a0%", "K = 20: 1\u00a0%, chosen", "K = 40: 3\u00a0%"])
      expect(svg).toContain(words);
    expect(svg).toContain("polynomial, lowest at K = 20</text>");
    expect(clusterCountFigure({ ...options, score: "brier" })).toContain("K = 40: 0.12");
  });

  test("points lie where their numbers say", () => {
    const svg = clusterCountFigure(options) ?? "";
    const places = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="4.5" data-tip=""/g)];
    const [one, twenty, forty] = places.map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
    expect((twenty!.x - one!.x) / (forty!.x - one!.x)).toBeCloseTo(19 / 39, 2);
    expect(twenty!.y).toBeGreaterThan(one!.y);
    expect((twenty!.y - one!.y) / (one!.y - forty!.y)).toBeCloseTo(1, 1);
  });

  test("the parabola passes through its own numbers", () => {
    const svg = clusterCountFigure(options) ?? "";
    const lowest = svg.match(/<circle cx="([\d.]+)" cy="([\d.]+)" r="3.5"/)!;
    const line = [...svg.match(/<path d="([^"]+)"/)![1]!.matchAll(/[ML]([\d.]+) ([\d.]+)/g)];
    const bottom = line.reduce((a, b) => (Number(b[2]) > Number(a[2]) ? b : a));
    expect(Number(bottom[2])).toBeCloseTo(Number(lowest[2]), 0);
    expect(Math.abs(Number(bottom[1]) - Number(lowest[1]))).toBeLessThan(10);
    expect(line).toHaveLength(61);
    expect(clusterCountFigure({ ...options, parabola: null })).not.toContain("<path");
  });

  test("of no number there is no figure", () => {
    expect(clusterCountFigure({ ...options, points: [] })).toBeNull();
  });

  property.prop([
    fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1 }),
  ])("any scores give a well-formed figure", (pairs) => {
    const points = pairs.map(([clusterCount, ece]) => ({ clusterCount, ece, brier: ece }));
    const svg = clusterCountFigure({ ...options, dataset: hostile, points }) ?? "";
    readXml(svg);
    expect(svg).not.toMatch(/<script|NaN|Infinity|undefined/);
  });
});
