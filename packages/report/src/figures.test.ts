import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { accuracyCostFigure } from "./accuracy-cost-figure.js";
import { classFigure } from "./class-figure.js";
import { exitHistogramFigure } from "./exit-histogram-figure.js";
import { madeUpResults } from "./made-up-results.test.data.js";
import { type Results, resultsSchema } from "./results-schema.js";
import { readXml } from "./well-formed.test.data.js";

const figures: readonly [string, (results: Results) => string][] = [
  ["accuracy against cost", (results) => accuracyCostFigure(results)],
  ["exit histogram", exitHistogramFigure],
  ["classes", (results) => classFigure(results) ?? ""],
];

const hostile = `<script>alert("x")</script> & 'y' \u0000 \ud800 ]]>`;

describe.each(figures)("%s", (_, draw) => {
  test("is well-formed and free of NaN", () => {
    const svg = draw(madeUpResults());
    expect(readXml(svg)[0]).toBe("svg");
    expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  test("is the same for the same results", () => {
    expect(draw(madeUpResults())).toBe(draw(madeUpResults()));
  });

  test("escapes names from outside", () => {
    const results = madeUpResults();
    results.dataset = hostile;
    results.cost.model = hostile;
    results.classes.names[0] = hostile;
    results.curves[2]!.method = hostile;
    const svg = draw(results);
    readXml(svg);
    expect(svg).not.toContain("<script");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
    expect(svg).not.toMatch(/\u0000/);
  });
});

test("every method is in the figure by name, and every point is drawn with its numbers", () => {
  const results = madeUpResults();
  results.curves.push({ ...results.curves[2]!, method: "jei-dnn" }, { ...results.curves[2]!, method: "oracle-paths" });
  const svg = accuracyCostFigure(results);
  for (const name of ["QuEE", "One bit-width for all", "Confidence threshold", "JEI-DNN", "Oracle (paths)"]) {
    expect(svg).toContain(`>${name}</text>`);
  }
  expect(svg).toContain("full precision, no exits 90.2");
  for (const bits of [8, 7, 6, 5]) expect(svg).toContain(`>${bits} bits</text>`);
  expect(svg.match(/data-tip=""/g)).toHaveLength(25 + 4 + 30 + 30 + 30);
  expect(svg).toContain(
    "One bit-width for all, 6 bits\ntop-1 87.1\u00a0% (86.0\u00a0% to 88.2\u00a0%)\ncost 75.0\u00a0%",
  );
});

test("a curve's points lie where their numbers say: more accurate is higher, cheaper is more to the left", () => {
  const svg = accuracyCostFigure(madeUpResults());
  const places = [...svg.matchAll(/data-x="([\d.]+)" data-y="([\d.]+)"><title>One bit-width for all, (\d) bits/g)];
  const byBits = places.map(([, x, y, bits]) => ({ x: Number(x), y: Number(y), bits: Number(bits) }));
  byBits.sort((a, b) => a.bits - b.bits);
  expect(byBits.map(({ bits }) => bits)).toEqual([5, 6, 7, 8]);
  for (let i = 1; i < byBits.length; i++) {
    expect(byBits[i]!.x).toBeGreaterThan(byBits[i - 1]!.x);
    expect(byBits[i]!.y).toBeLessThan(byBits[i - 1]!.y);
  }
  // Costs 5/8 … 8/8 are evenly spaced.
  expect(byBits[1]!.x - byBits[0]!.x).toBeCloseTo(byBits[3]!.x - byBits[2]!.x, 1);
});

test("a range of costs leaves out what is outside", () => {
  const svg = accuracyCostFigure(madeUpResults(), { costRange: [0.5, 0.8] });
  readXml(svg);
  expect(svg).toContain(">6 bits</text>");
  expect(svg).not.toContain(">8 bits</text>");
});

test("a range without any point is still a figure", () => {
  expect(readXml(accuracyCostFigure(madeUpResults(), { costRange: [1.5, 2] }))).toContain("svg");
});

test("curves of one method are told apart by what differs", () => {
  const results = madeUpResults();
  results.curves.push({ ...results.curves[0]!, arithmetic: "integer" });
  const svg = accuracyCostFigure(results);
  expect(svg).toContain(">QuEE, integer</text>");
  expect(svg).toContain(">QuEE, fake-quant</text>");
});

test("bars of the exit histogram are as high as their shares, and add up to the whole", () => {
  const results = madeUpResults();
  results.curves[0]!.points = [
    {
      ...results.curves[0]!.points[0]!,
      pathShares: { "8": 0.5, "8-8": 0.2, "8-6": 0.1, "8-7-6": 0.15, "8-8-6": 0.05 },
    },
  ];
  const svg = exitHistogramFigure(results);
  const bars = [
    ...svg.matchAll(
      /<rect x="[\d.]+" width="[\d.]+" y="[\d.]+" height="([\d.]+)" data-tip=""[^>]*><title>λ 0\n([^<]*)<\/title>/g,
    ),
  ];
  const heights = bars.map(([, height]) => Number(height));
  expect(heights.map((height) => Math.round(height))).toEqual([120, 48, 24, 48]);
  expect(bars.map(([, , words]) => words)).toEqual([
    "exit 1 (layer 2), last block at 8 bits: 50.0\u00a0% of images",
    "exit 2 (layer 4), last block at 8 bits: 20.0\u00a0% of images",
    "exit 2 (layer 4), last block at 6 bits: 10.0\u00a0% of images",
    "exit 3 (layer 6), last block at 6 bits: 20.0\u00a0% of images",
  ]);
});

test("the exit histogram works from exits alone", () => {
  const results = madeUpResults();
  for (const point of results.curves[0]!.points) delete point.pathShares;
  const svg = exitHistogramFigure(results);
  readXml(svg);
  expect(svg).toContain("exit 1 (layer 2): ");
  expect(svg).not.toContain("last block");
});

test("the class figure takes the λ of half the computation, and a class without images has dashes", () => {
  const results = madeUpResults();
  for (const point of results.classes.points) {
    point.exits[4] = [0, 0, 0];
    point.correct[4] = 0;
    point.meanBits[4] = null;
  }
  const svg = classFigure(resultsSchema.parse(results)) ?? "";
  // 0.21 of the budget 0.5; the nearest recorded one.
  expect(svg).toContain("at λ = 0.233");
  expect(svg.match(/>–<\/text>/g)).toHaveLength(5);
  expect(classFigure(results, { lambda: 0 })).toContain("at λ = 0<");
});

test("of many classes the figure shows both ends and says so", () => {
  const results = madeUpResults();
  const names = Array.from({ length: 100 }, (_, k) => `class ${k}`);
  const exits = names.map((_, k) => [100 - k, 0, k]);
  results.classes = {
    names,
    points: [{ lambda: 0.1, exits, correct: names.map(() => 50), meanBits: names.map(() => 7) }],
  };
  const svg = classFigure(resultsSchema.parse(results), { mostClasses: 10 }) ?? "";
  const shown = [...svg.matchAll(/>class (\d+)<\/text>/g)].map(([, k]) => Number(k));
  expect(shown).toEqual([0, 1, 2, 3, 4, 95, 96, 97, 98, 99]);
  expect(svg).toContain("90 classes between these are left out");
});

test("without counts per class there is no class figure", () => {
  const results = madeUpResults();
  results.classes.points = [];
  expect(classFigure(results)).toBeNull();
});

const share = fc.double({ min: 0, max: 1, noNaN: true });
const curvePoint = fc.record({
  setting: fc.double({ min: 0, max: 10, noNaN: true }),
  top1: share,
  half: share,
  cost: fc.double({ min: 0, max: 3, noNaN: true }),
  first: share,
});

property.prop([fc.array(curvePoint, { minLength: 1, maxLength: 40 })])(
  "any curve gives well-formed figures without NaN",
  (points) => {
    const results = madeUpResults();
    results.curves = [
      {
        ...results.curves[0]!,
        points: points.map(({ setting, top1, half, cost, first }) => ({
          setting,
          top1,
          top1Ci95: [top1 - half, top1 + half],
          cost,
          costP95: cost,
          exitHistogram: [first, 1 - first, 0],
        })),
      },
    ];
    for (const [, draw] of figures) {
      const svg = draw(resultsSchema.parse(results));
      readXml(svg);
      expect(svg).not.toMatch(/NaN|Infinity/);
    }
  },
);
