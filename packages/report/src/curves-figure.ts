import { exitColor, ink, muted, paper, rivalColor } from "./palette.js";
import { axes, figureElement, label, legend } from "./plot-frame.js";
import { linearScale, niceDomain, type Scale, withinDomain } from "./scales.js";
import { element, type Markup, polyline, text } from "./svg.js";
import { percent, shortPercent } from "./words.js";

/** One way to do it, as accuracy against cost. */
export interface NamedCurve {
  readonly name: string;
  readonly points: readonly NamedPoint[];
}

export interface NamedPoint {
  readonly cost: number;
  readonly top1: number;
  /** Ends of the interval over seeds, low first. */
  readonly interval?: readonly [number, number];
}

export interface CurvesOptions {
  readonly title: string;
  readonly costLabel: string;
  /** `ways` are told apart by colour and dash; `scale` by shades, from few to many of something. */
  readonly order?: "ways" | "scale";
  /** A horizontal line, of the whole network for instance. */
  readonly reference?: { readonly name: string; readonly top1: number };
}

const width = 760;
const left = 52;
const right = 22;
const plotHeight = 330;
const dashes = [undefined, "7 4", "2 3", "9 3 2 3"] as const;

/** Accuracy against cost of ways to do one thing, the first one thickest. Null where there is nothing to compare. */
export function curvesFigure(given: readonly NamedCurve[], options: CurvesOptions): string | null {
  const curves = given.filter(({ points }) => points.length > 0);
  if (curves.length === 0) return null;
  const { title, costLabel, order = "ways", reference } = options;
  const styleOf = (c: number): Style => ({
    color: order === "scale" ? exitColor(c, curves.length) : c === 0 ? "var(--quee, #0a5fb4)" : rivalColor(c - 1),
    dash: order === "scale" ? undefined : dashes[Math.floor(c / 2) % dashes.length],
    isMain: order === "ways" && c === 0,
  });
  const head = legend(
    curves.map(({ name }, c) => ({ words: name, sample: (x, y) => lineSample(x, y, styleOf(c)) })),
    left,
    width - right,
    10,
  );
  const box = { left, right: width - right, top: 10 + head.height + 36, bottom: 0 };
  box.bottom = box.top + plotHeight;
  const points = curves.flatMap((curve) => curve.points);
  // Points say how high the figure is, and wide intervals of few seeds are cut at its rims.
  const shown = points.map(({ top1 }) => top1);
  // Room above the line for its words.
  const room = 0.06 * (Math.max(...shown) - Math.min(...shown));
  const heights = [...shown, ...(reference === undefined ? [] : [reference.top1, Math.min(1, reference.top1 + room)])];
  const [x, y] = [
    scaleOf(
      points.map(({ cost }) => cost),
      [box.left, box.right],
      8,
    ),
    scaleOf(heights, [box.bottom, box.top], 6),
  ];
  return figureElement(
    { width, height: box.bottom + 54 },
    { title, description: curves.map(({ name }) => name).join("; ") },
    ...head.marks,
    ...axes(
      box,
      { scale: x, label: costLabel, format: shortPercent },
      { scale: y, label: "top-1 accuracy on test images", format: shortPercent },
    ),
    ...(reference === undefined ? [] : referenceMarks(reference, box, y(reference.top1))),
    // The first one last, so that it lies above the others.
    ...curves
      .map((curve, c) => curveMarks(curve, styleOf(c), x, y))
      .reverse()
      .flat(),
  );
}

interface Style {
  readonly color: string;
  readonly dash: string | undefined;
  readonly isMain: boolean;
}

function scaleOf(values: readonly number[], range: readonly [number, number], ticks: number) {
  return linearScale(niceDomain(Math.min(...values), Math.max(...values), ticks), range, ticks);
}

function curveMarks(
  { name, points }: NamedCurve,
  { color, dash, isMain }: Style,
  x: Scale,
  y: Scale,
): readonly Markup[] {
  const sorted = [...points].sort((a, b) => a.cost - b.cost);
  const line = polyline(sorted.map(({ cost, top1 }) => [x(cost), y(top1)] as const));
  const ends = (end: 0 | 1) =>
    sorted.flatMap(({ cost, interval }) =>
      interval === undefined ? [] : [[x(cost), y(withinDomain(y, interval[end]))] as const],
    );
  const stroke = `fill:none;stroke:${color};stroke-width:${isMain ? 2.75 : 1.75};stroke-linejoin:round`;
  const band = [...ends(1), ...ends(0).reverse()];
  return [
    ...(band.length === 0
      ? []
      : [element("path", { d: `${polyline(band)}Z`, style: `fill:${color};fill-opacity:.12` })]),
    element("path", { d: line, "stroke-dasharray": dash, style: stroke }),
    ...sorted.map((point) =>
      element(
        "circle",
        { cx: x(point.cost), cy: y(point.top1), r: isMain ? 2.6 : 2, "data-tip": "", style: `fill:${color}` },
        element("title", {}, text(`${name}\n${told(point)}`)),
      ),
    ),
  ];
}

function told({ cost, top1, interval }: NamedPoint): string {
  const between = interval === undefined ? "" : ` (${percent(interval[0])} to ${percent(interval[1])})`;
  return `top-1 ${percent(top1)}${between}\ncost ${percent(cost)}`;
}

function referenceMarks(
  { name, top1 }: { readonly name: string; readonly top1: number },
  box: { readonly left: number; readonly right: number },
  y: number,
): readonly Markup[] {
  const dotted = { "stroke-dasharray": "1 4", "stroke-linecap": "round", style: `stroke:${ink};stroke-width:1.5` };
  return [
    element("line", { x1: box.left, x2: box.right, y1: y, y2: y, ...dotted }),
    label(`${name} ${percent(top1)}`, { x: box.left + 6, y: y - 6, anchor: "start", color: muted, halo: true }),
  ];
}

function lineSample(x: number, y: number, { color, dash, isMain }: Style): Markup {
  const style = `stroke:${color};stroke-width:${isMain ? 2.75 : 1.75}`;
  return element(
    "g",
    {},
    element("line", { x1: x, x2: x + 26, y1: y, y2: y, "stroke-dasharray": dash, style }),
    element("circle", { cx: x + 13, cy: y, r: 2.6, style: `fill:${color};stroke:${paper};stroke-width:.5` }),
  );
}
