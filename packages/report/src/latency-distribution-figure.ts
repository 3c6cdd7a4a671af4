import { rivalColor } from "./palette.js";
import { axes, figureElement, legend } from "./plot-frame.js";
import { linearScale, niceDomain } from "./scales.js";
import { element, type Markup, polyline, text } from "./svg.js";
import { shortPercent } from "./words.js";

/** Measured milliseconds of single images. */
export interface LatencySeries {
  readonly name: string;
  /** Ascending. */
  readonly sortedMs: readonly number[];
  /** The one that the others are compared with. */
  readonly isMain?: boolean;
}

const width = 760;
const left = 52;
const right = 22;
const plotHeight = 300;
/** Of each series: the slowest hundredth is told in words, and would press all else together. */
const shownQuantile = 0.99;
const points = 120;

/** Share of images that are answered within a time, one line per series. Null where nothing was measured. */
export function latencyDistributionFigure(all: readonly LatencySeries[], where: string): string | null {
  const series = all.filter(({ sortedMs }) => sortedMs.length > 0);
  if (series.length === 0) return null;
  const colorOf = (s: number) => (series[s]?.isMain === true ? "var(--quee, #0a5fb4)" : rivalColor(s));
  const head = legend(
    series.map((one, s) => ({ words: wordsOf(one), sample: (x, y) => lineSample(x, y, colorOf(s)) })),
    left,
    width - right,
    10,
  );
  const box = { left, right: width - right, top: 10 + head.height + 36, bottom: 0 };
  box.bottom = box.top + plotHeight;
  const longest = Math.max(...series.map(({ sortedMs }) => quantile(sortedMs, shownQuantile)));
  const x = linearScale(niceDomain(0, longest, 8), [box.left, box.right], 8);
  const y = linearScale([0, 1], [box.bottom, box.top], 5);
  return figureElement(
    { width, height: box.bottom + 54 },
    { title: "Time of a single image", description: series.map(wordsOf).join("; ") },
    ...head.marks,
    ...axes(
      box,
      { scale: x, label: `milliseconds of a single image, up to the slowest hundredth; ${where}`, format: String },
      { scale: y, label: "share of images answered within", format: shortPercent },
    ),
    ...series.map((one, s) => line(one, colorOf(s), x, y)),
  );
}

function line(one: LatencySeries, color: string, x: (ms: number) => number, y: (share: number) => number): Markup {
  const shares = Array.from({ length: points + 1 }, (_, i) => (shownQuantile * i) / points);
  const d = polyline(shares.map((share) => [x(quantile(one.sortedMs, share)), y(share)] as const));
  const style = `fill:none;stroke:${color};stroke-width:${one.isMain === true ? 3 : 2};stroke-linejoin:round`;
  return element("path", { d, "data-tip": "", style }, element("title", {}, text(wordsOf(one))));
}

function wordsOf({ name, sortedMs }: LatencySeries): string {
  const [half, most] = [quantile(sortedMs, 0.5), quantile(sortedMs, 0.99)];
  return `${name}: p50 ${half.toPrecision(3)} ms, p99 ${most.toPrecision(3)} ms`;
}

function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return low + (at - Math.floor(at)) * (high - low);
}

function lineSample(x: number, y: number, color: string): Markup {
  return element("line", { x1: x, x2: x + 26, y1: y, y2: y, style: `stroke:${color};stroke-width:2` });
}
