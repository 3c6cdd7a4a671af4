import { ink, paper } from "./palette.js";
import { axes, figureElement, label, legend } from "./plot-frame.js";
import { linearScale, niceDomain, type Scale } from "./scales.js";
import { element, type Markup, polyline, text } from "./svg.js";
import { finePercent, settingText } from "./words.js";

/** Scores of one number of cells, as `chooseClusterCount` of error-target-clustering gives them. */
export interface ClusterCountPoint {
  readonly clusterCount: number;
  readonly ece: number;
  readonly brier: number;
  /** Scores of single halvings, where there were several. */
  readonly bySplit?: readonly { readonly ece: number; readonly brier: number }[];
}

export interface ClusterCountFigureOptions {
  readonly dataset: string;
  readonly score: "ece" | "brier";
  readonly points: readonly ClusterCountPoint[];
  /** y = a·x² + b·x + c through the points, and where it is lowest; null draws none. */
  readonly parabola: {
    readonly a: number;
    readonly b: number;
    readonly c: number;
    readonly minimum: { readonly x: number; readonly y: number };
  } | null;
  /** The number of cells that the experiment uses. */
  readonly chosen?: number;
  /** What the scores were taken on, for the axis: "held-out validation images" unless given. */
  readonly scoredOn?: string;
}

const width = 760;
const left = 58;
const right = 22;
const plotHeight = 260;
const color = "var(--quee, #0a5fb4)";
const fitColor = "var(--rival-1, #c8501e)";

const scores = {
  ece: { axis: "expected calibration error", format: finePercent },
  brier: { axis: "Brier score", format: settingText },
} as const;

/** A score of p̃e against the number of cells, with its second-order polynomial: figures 5C and 9 of the paper. Null of nothing. */
export function clusterCountFigure(options: ClusterCountFigureOptions): string | null {
  const { dataset, score, points, parabola, chosen, scoredOn = "held-out validation images" } = options;
  if (points.length === 0) return null;
  const { axis, format } = scores[score];
  const sorted = [...points].sort((a, b) => a.clusterCount - b.clusterCount);
  const fit = parabola === null ? [] : sampled(parabola, sorted);
  const heights = [...sorted.flatMap((point) => [point[score], ...rangeOf(point, score)]), ...fit.map(([, at]) => at)];
  const head = legend(
    [
      { words: `${axis} of p̃e`, sample: (x, y) => dot(x + 13, y) },
      ...(parabola === null
        ? []
        : [{ words: `second-order polynomial, lowest at K = ${Math.round(parabola.minimum.x)}`, sample: fitSample }]),
    ],
    left,
    width - right,
    10,
  );
  const top = 10 + head.height + 38;
  const box = { left, right: width - right, top, bottom: top + plotHeight };
  const x = linearScale(
    niceDomain(0, Math.max(...sorted.map((point) => point.clusterCount)), 8),
    [box.left, box.right],
    8,
  );
  const y = linearScale(niceDomain(Math.min(...heights), Math.max(...heights), 6), [box.bottom, box.top], 6);

  return figureElement(
    { width, height: box.bottom + 54 },
    {
      title: `${axis} against the number of cells on ${dataset}`,
      description: sorted.map((point) => `${point.clusterCount} cells: ${format(point[score])}`).join("; "),
    },
    ...head.marks,
    ...axes(
      box,
      { scale: x, label: "number of cells K", format: settingText },
      { scale: y, label: `${axis} on ${scoredOn} of ${dataset}, mean over paths`, format },
    ),
    ...(parabola === null ? [] : parabolaMarks(fit, parabola.minimum, x, y)),
    ...sorted.flatMap((point) => pointMarks(point, score, { x, y, isChosen: point.clusterCount === chosen })),
  );
}

function pointMarks(
  point: ClusterCountPoint,
  score: "ece" | "brier",
  { x, y, isChosen }: { readonly x: Scale; readonly y: Scale; readonly isChosen: boolean },
): readonly Markup[] {
  const [px, py] = [x(point.clusterCount), y(point[score])];
  const range = rangeOf(point, score);
  const { format } = scores[score];
  const words = `K = ${point.clusterCount}: ${format(point[score])}${isChosen ? ", chosen" : ""}`;
  const bar = {
    x1: px,
    x2: px,
    y1: y(Math.min(...range)),
    y2: y(Math.max(...range)),
    style: `stroke:${color};stroke-opacity:.5`,
  };
  return [
    ...(range.length > 1 ? [element("line", bar)] : []),
    ...(isChosen
      ? [
          element("circle", { cx: px, cy: py, r: 8, style: `fill:none;stroke:${ink};stroke-width:1.5` }),
          label("chosen", { x: px, y: py - 14, anchor: "middle", color: ink, halo: true }),
        ]
      : []),
    dot(px, py, words),
  ];
}

function parabolaMarks(
  fit: readonly (readonly [number, number])[],
  minimum: { readonly x: number; readonly y: number },
  x: Scale,
  y: Scale,
): readonly Markup[] {
  const [mx, my] = [x(minimum.x), y(minimum.y)];
  const d = polyline(fit.map(([k, at]) => [x(k), y(at)] as const));
  return [
    element("path", { d, "stroke-dasharray": "7 4", style: `fill:none;stroke:${fitColor};stroke-width:1.75` }),
    element("circle", { cx: mx, cy: my, r: 3.5, style: `fill:${paper};stroke:${fitColor};stroke-width:1.75` }),
  ];
}

function sampled(
  { a, b, c }: { readonly a: number; readonly b: number; readonly c: number },
  sorted: readonly ClusterCountPoint[],
): readonly (readonly [number, number])[] {
  const counts = sorted.map((point) => point.clusterCount);
  const [from, to] = [Math.min(...counts), Math.max(...counts)];
  const steps = 60;
  return Array.from({ length: steps + 1 }, (_, i) => {
    const k = from + ((to - from) * i) / steps;
    return [k, a * k * k + b * k + c] as const;
  });
}

function dot(cx: number, cy: number, words?: string): Markup {
  const style = `fill:${color};stroke:${paper};stroke-width:1.5`;
  return words === undefined
    ? element("circle", { cx, cy, r: 4.5, style })
    : element("circle", { cx, cy, r: 4.5, "data-tip": "", style }, element("title", {}, text(words)));
}

function fitSample(x: number, y: number): Markup {
  const style = `stroke:${fitColor};stroke-width:1.75`;
  return element("line", { x1: x, x2: x + 26, y1: y, y2: y, "stroke-dasharray": "7 4", style });
}

function rangeOf({ bySplit = [] }: ClusterCountPoint, score: "ece" | "brier"): readonly number[] {
  return bySplit.map((split) => split[score]);
}
