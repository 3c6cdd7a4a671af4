import { paper, rivalColor } from "./palette.js";
import { axes, figureElement, legend } from "./plot-frame.js";
import { linearScale, niceDomain, type Scale, withinDomain } from "./scales.js";
import { element, type Markup, polyline, text } from "./svg.js";
import { settingText, shortPercent } from "./words.js";

/** A quantity against a number that somebody chose. */
export interface Series {
  readonly name: string;
  readonly points: readonly {
    readonly x: number;
    /** A fraction. */
    readonly y: number;
    /** Half of the 95 % interval; null where there is one seed. */
    readonly halfWidth: number | null;
  }[];
}

export interface SeriesOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
}

const width = 760;
const left = 62;
const right = 22;
const plotHeight = 260;

/** Lines with error bars over a number of something. Null of nothing. */
export function seriesFigure(given: readonly Series[], { title, xLabel, yLabel }: SeriesOptions): string | null {
  const series = given.filter(({ points }) => points.length > 0);
  if (series.length === 0) return null;
  const colorOf = (s: number) => (s === 0 ? "var(--quee, #0a5fb4)" : rivalColor(s - 1));
  const head = legend(
    series.map(({ name }, s) => ({ words: name, sample: (x, y) => dot(x + 13, y, colorOf(s)) })),
    left,
    width - right,
    10,
  );
  const box = { left, right: width - right, top: 10 + head.height + 36, bottom: 0 };
  box.bottom = box.top + plotHeight;
  const points = series.flatMap((one) => one.points);
  const heights = points.map(({ y }) => y);
  // Points say how high the figure is; intervals of few seeds may be wide, and are cut at its rims.
  const most = Math.max(0.01, Math.max(...heights) - Math.min(...heights));
  const ends = points.flatMap(({ y, halfWidth }) => [-1, 1].map((side) => y + side * Math.min(most, halfWidth ?? 0)));
  const numbers = points.map(({ x }) => x);
  const x = linearScale(niceDomain(Math.min(...numbers), Math.max(...numbers), 8), [box.left, box.right], 8);
  const y = linearScale(niceDomain(Math.min(...ends), Math.max(...ends), 6), [box.bottom, box.top], 6);
  return figureElement(
    { width, height: box.bottom + 54 },
    { title, description: series.map(({ name }) => name).join("; ") },
    ...head.marks,
    ...axes(box, { scale: x, label: xLabel, format: settingText }, { scale: y, label: yLabel, format: shortPercent }),
    ...series.flatMap((one, s) => seriesMarks(one, colorOf(s), x, y)),
  );
}

function seriesMarks({ name, points }: Series, color: string, x: Scale, y: Scale): readonly Markup[] {
  const sorted = [...points].sort((a, b) => a.x - b.x);
  const line = polyline(sorted.map((point) => [x(point.x), y(point.y)] as const));
  return [
    element("path", { d: line, style: `fill:none;stroke:${color};stroke-width:1.75;stroke-opacity:.6` }),
    ...sorted.flatMap(({ x: at, y: height, halfWidth }) => {
      const half = halfWidth ?? 0;
      const [low, high] = [height - half, height + half].map((end) => y(withinDomain(y, end)));
      const bar = { x1: x(at), x2: x(at), y1: low, y2: high };
      const words = `${name}, ${settingText(at)}\n${shortPercent(height)}${half === 0 ? "" : ` ± ${shortPercent(half)}`}`;
      return [
        ...(half === 0 ? [] : [element("line", { ...bar, style: `stroke:${color};stroke-opacity:.5` })]),
        dot(x(at), y(height), color, words),
      ];
    }),
  ];
}

function dot(cx: number, cy: number, color: string, words?: string): Markup {
  const style = `fill:${color};stroke:${paper};stroke-width:1.5`;
  return words === undefined
    ? element("circle", { cx, cy, r: 4.5, style })
    : element("circle", { cx, cy, r: 4.5, "data-tip": "", style }, element("title", {}, text(words)));
}
