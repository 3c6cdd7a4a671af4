import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { accuracySpeedFigure, type SpeedPoint } from "./accuracy-speed-figure.js";
import { textWidth } from "./plot-frame.js";
import { readXml } from "./well-formed.test.data.js";

const point = (name: string, median: number, top1: number, more: Partial<SpeedPoint> = {}): SpeedPoint => {
  const imagesPerSecond = { median, least: 0.98 * median, most: 1.01 * median };
  return { name, imagesPerSecond, top1, kind: name.startsWith("quee") ? "routed" : "whole", ...more };
};

const crowd = [
  point("raw export", 440, 0.748),
  point("cleaned fp32", 450, 0.748, { isReference: true }),
  point("static int8", 880, 0.748),
  point("threshold", 905, 0.741, { kind: "rival" }),
  point("quee-0.5pt", 872, 0.748),
  point("quee-1pt", 873, 0.741),
  point("quee-2pt", 880, 0.741),
  point("quee-1pt-time", 882, 0.741),
  point("quee-2pt-time", 900, 0.7415),
];

interface Place {
  readonly x: number;
  readonly y: number;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Letters reach 9 pixels above the line that they stand on and 3 below it. */
function nameBoxes(svg: string, names: readonly string[]): readonly Box[] {
  const texts = [...svg.matchAll(/<text x="([-\d.]+)" y="([-\d.]+)" text-anchor="start"[^>]*>([^<]*)<\/text>/g)];
  return names.map((name) => {
    const [, x, y] = texts.find(([, , , words]) => words === name) ?? [];
    return { left: Number(x), right: Number(x) + textWidth(name), top: Number(y) - 9, bottom: Number(y) + 3 };
  });
}

/** Where marks lie, by what they tell first. */
function marks(svg: string): ReadonlyMap<string, Place> {
  const found = [...svg.matchAll(/data-x="([-\d.]+)" data-y="([-\d.]+)"><title>([^\n]*)\n/g)];
  return new Map(found.map(([, x, y, name]) => [name as string, { x: Number(x), y: Number(y) }]));
}

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

function expectFreeNames(svg: string, names: readonly string[]): void {
  const boxes = nameBoxes(svg, names);
  const places = [...marks(svg).values()];
  expect(places).toHaveLength(names.length);
  for (const [i, box] of boxes.entries()) {
    expect(box.left).toBeGreaterThan(0);
    expect(box.right).toBeLessThan(760);
    for (const [j, other] of boxes.entries()) if (i !== j) expect([i, j, overlap(box, other)]).toEqual([i, j, false]);
    for (const { x, y } of places) {
      expect(overlap(box, { left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 })).toBe(false);
    }
  }
}

test("the faster is further right, the more accurate higher, and zero is the left end", () => {
  const svg = accuracySpeedFigure([point("a", 100, 0.7), point("b", 200, 0.72), point("c", 400, 0.71)], "here") ?? "";
  expect(readXml(svg)[0]).toBe("svg");
  const [a, b, c] = ["a", "b", "c"].map((name) => marks(svg).get(name) ?? { x: 0, y: 0 }) as [Place, Place, Place];
  expect((b.x - 56) / (a.x - 56)).toBeCloseTo(2, 3);
  expect((c.x - 56) / (a.x - 56)).toBeCloseTo(4, 3);
  expect((a.y - b.y) / (a.y - c.y)).toBeCloseTo(2, 3);
});

test("of contestants that lie upon each other every name is there, upon no mark and no other name", () => {
  const svg = accuracySpeedFigure(crowd, "batch 32 on <this> & that") ?? "";
  expect(readXml(svg)[0]).toBe("svg");
  expectFreeNames(
    svg,
    crowd.map(({ name }) => name),
  );
  expect(svg).toContain("static int8\n880 images per second (862–889)\ntop-1 74.8\u00a0%");
});

test("the dashed line lies one point below full precision, and is not there without it", () => {
  const limit = point("quee", 200, 0.75 - 0.01);
  const reference = point("float", 100, 0.75, { isReference: true });
  const svg = accuracySpeedFigure([reference, limit], "") ?? "";
  const [, at] = /<line x1="56" x2="738" y1="([\d.]+)" y2="\1" stroke-dasharray/.exec(svg) ?? [];
  expect(Number(at)).toBeCloseTo(marks(svg).get("quee")?.y ?? 0, 2);
  expect(svg).toContain(">1 point below full precision</text>");
  expect(accuracySpeedFigure([limit], "")).not.toContain("stroke-dasharray");
});

test("whiskers reach from the slowest round to the fastest", () => {
  const one = point("one", 300, 0.7, { imagesPerSecond: { median: 300, least: 200, most: 400 } });
  const svg = accuracySpeedFigure([one], "") ?? "";
  const [, from, to] = /M([\d.]+) [\d.]+L([\d.]+) [\d.]+M[\d.]+ [\d.]+L[\d.]+ [\d.]+" style="fill:none/.exec(svg) ?? [];
  const middle = marks(svg).get("one")?.x ?? 0;
  expect((Number(from) - 56) / (middle - 56)).toBeCloseTo(2 / 3, 3);
  expect((Number(to) - 56) / (middle - 56)).toBeCloseTo(4 / 3, 3);
  expect(accuracySpeedFigure([], "")).toBeNull();
});

const anyPoint = fc.record({
  median: fc.double({ min: 1, max: 1000, noNaN: true }),
  top1: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom("routed" as const, "whole" as const, "rival" as const),
});

property.prop([fc.array(anyPoint, { minLength: 1, maxLength: 10 })], { numRuns: 40 })(
  "names of any ten contestants stay apart, also where several lie at one place",
  (points) => {
    const named = points.map(({ median, top1, kind }, i) => point(`contestant ${i}`, median, top1, { kind }));
    const doubled = [...named, { ...(named[0] as SpeedPoint), name: "the same again" }];
    const svg = accuracySpeedFigure(doubled, "") ?? "";
    readXml(svg);
    expect(svg).not.toMatch(/NaN|Infinity/);
    expectFreeNames(
      svg,
      doubled.map(({ name }) => name),
    );
  },
);
