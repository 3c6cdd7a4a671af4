import { costAxisLabel } from "./cost-axis.js";
import { curveMarks, lineSample, type PlottedCurve, pointSample, pointsOf } from "./curve-marks.js";
import { ink, methodStyles, muted } from "./palette.js";
import { axes, figureElement, label, legend, textWidth } from "./plot-frame.js";
import type { Results } from "./results-schema.js";
import { linearScale, niceDomain } from "./scales.js";
import { element, type Markup } from "./svg.js";
import { curveName, percent, shortPercent } from "./words.js";

export interface AccuracyCostOptions {
  /** Shows this range of costs only, as fractions. */
  readonly costRange?: readonly [number, number];
  /** Shows these methods only; of all of them by default. */
  readonly methods?: readonly string[];
}

/** More bands, bars and names among the lines than this are one grey cloud. */
const mostBands = 7;

const width = 760;
const left = 52;
const right = 22;
const plotHeight = 350;
const legendTop = 10;

/** Accuracy against cost, with 95 % intervals as bands and bars. */
export function accuracyCostFigure(results: Results, options: AccuracyCostOptions = {}): string {
  const wanted = results.curves.filter(({ method }) => options.methods?.includes(method) ?? true);
  const styles = methodStyles(wanted);
  const costs = wanted.flatMap((curve) => curve.points.map(({ cost }) => cost));
  const domain = options.costRange ?? niceDomain(least(costs), Math.max(1, most(costs)), 8);
  const inRange = (cost: number): boolean => cost >= domain[0] - 1e-9 && cost <= domain[1] + 1e-9;

  const shown = wanted
    .map((curve) => ({ curve, points: curve.points.filter(({ cost }) => inRange(cost)) }))
    .filter(({ points }) => points.length > 0);
  const items = shown.map(({ curve }) => {
    const style = styles.get(curve)!;
    return {
      words: curveName(curve, results.curves),
      sample: (x: number, y: number) => (style.isPoints ? pointSample(x, y, style) : lineSample(x, y, style)),
    };
  });
  const head = legend(items, left, width - right, legendTop);
  const box = { left, right: width - right, top: legendTop + head.height + 38, bottom: 0 };
  box.bottom = box.top + plotHeight;

  const reference = results.backbone.top1;
  const ends = shown.flatMap(({ points }) => points.flatMap(({ top1, top1Ci95 }) => [top1, ...top1Ci95]));
  const x = linearScale(domain, [box.left, box.right], 8);
  const y = linearScale(
    niceDomain(least([...ends, reference]), most([...ends, reference]), 6),
    [box.bottom, box.top],
    6,
  );
  const plotted: readonly PlottedCurve[] = shown.map(({ curve, points }) => ({
    name: curveName(curve, results.curves),
    parameter: curve.parameter,
    style: styles.get(curve)!,
    isMain: curve.method === "quee",
    hasBand: curve.method === "quee" || shown.length <= mostBands,
    points: pointsOf(points, x, y),
  }));

  return figureElement(
    { width, height: box.bottom + 54 },
    { title: `Accuracy against cost on ${results.dataset}`, description: describe(results, wanted) },
    ...head.marks,
    ...axes(
      box,
      { scale: x, label: costAxisLabel(results), format: shortPercent },
      { scale: y, label: "top-1 accuracy on test images, 95 % intervals", format: shortPercent },
    ),
    ...referenceLine(reference, box, y(reference)),
    // QuEE last, so that it lies above the rivals.
    ...[...plotted].sort((a, b) => Number(a.isMain) - Number(b.isMain)).flatMap((curve) => curveMarks(curve, width)),
    ...(shown.length <= mostBands ? directLabels(plotted, box) : []),
  );
}

function referenceLine(top1: number, box: { left: number; right: number }, y: number): readonly Markup[] {
  return [
    element("line", {
      x1: box.left,
      x2: box.right,
      y1: y,
      y2: y,
      "stroke-dasharray": "1 4",
      "stroke-linecap": "round",
      style: `stroke:${ink};stroke-width:1.5`,
    }),
    label(`full precision, no exits ${percent(top1)}`, {
      x: box.left + 6,
      y: y - 6,
      anchor: "start",
      color: muted,
      halo: true,
    }),
  ];
}

/** Pixels between two names. */
const air = 6;

/** The name of each line where it is farthest from the others, on the side that is free; none upon another name. */
function directLabels(curves: readonly PlottedCurve[], box: { left: number; right: number }): readonly Markup[] {
  const taken: { from: number; until: number; y: number }[] = [];
  return curves
    .filter(({ style }) => !style.isPoints)
    .flatMap((curve) => {
      const others = curves.filter((other) => other !== curve).flatMap(({ points }) => points);
      // Bold letters are a tenth wider.
      const half = (1.1 * textWidth(curve.name)) / 2;
      const candidates = curve.points.filter(({ px }) => px - half > box.left && px + half < box.right);
      const [first] = candidates;
      if (first === undefined || others.length === 0) return [];
      const room = ({ px, py }: { px: number; py: number }): number =>
        least(others.map((other) => Math.hypot((px - other.px) / 2, py - other.py)));
      const place = candidates.reduce((best, point) => (room(point) > room(best) ? point : best), first);
      // Curves rise to the right: above a line its left is free, below it its right.
      const near = others.filter(({ px }) => Math.abs(px - place.px) < half + 20);
      const above = near.filter(({ py }) => py < place.py).length;
      const isBelow = above > near.length / 2;
      const dx = isBelow ? 10 : -10;
      const anchor = isBelow ? "start" : "end";
      const fits = isBelow ? place.px + dx + 2 * half < box.right : place.px + dx - 2 * half > box.left;
      if (!fits) return [];
      const y = place.py + (isBelow ? 16 : -10);
      const from = place.px + dx - (isBelow ? 0 : 2 * half);
      const own = { from, until: from + 2 * half, y };
      if (taken.some((name) => Math.abs(name.y - y) < 16 && name.from < own.until + air && own.from < name.until + air))
        return [];
      taken.push(own);
      return [label(curve.name, { x: place.px + dx, y, anchor, color: curve.style.color, weight: 600, halo: true })];
    });
}

function describe(results: Results, curves: Results["curves"]): string {
  return curves
    .map((curve) => {
      const best = curve.points.reduce((a, b) => (b.top1 > a.top1 ? b : a));
      return `${curveName(curve, results.curves)}: at most ${percent(best.top1)} at cost ${percent(best.cost)}`;
    })
    .join("; ");
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}
