import { type MethodStyle, paper } from "./palette.js";
import { label, textWidth } from "./plot-frame.js";
import type { CurvePoint } from "./results-schema.js";
import type { Scale } from "./scales.js";
import { element, type Markup, polyline, text } from "./svg.js";
import { percent, settingWithName } from "./words.js";

/** A point of a curve with its place in the figure. */
export interface PlottedPoint {
  readonly point: CurvePoint;
  readonly px: number;
  readonly py: number;
  /** Ends of the 95 % interval, low accuracy first. */
  readonly interval: readonly [number, number];
}

export interface PlottedCurve {
  readonly name: string;
  readonly parameter: string;
  readonly style: MethodStyle;
  readonly isMain: boolean;
  /** Draws its 95 % intervals, as a band and bars. */
  readonly hasBand: boolean;
  readonly points: readonly PlottedPoint[];
}

/** Points from the cheapest; settings that come to the same place are drawn once. */
export function pointsOf(points: readonly CurvePoint[], x: Scale, y: Scale): readonly PlottedPoint[] {
  const sorted = points
    .map((point) => ({
      point,
      px: x(point.cost),
      py: y(point.top1),
      interval: [y(point.top1Ci95[0]), y(point.top1Ci95[1])] as const,
    }))
    .sort((a, b) => a.point.cost - b.point.cost || a.point.top1 - b.point.top1);
  return sorted.filter(({ px, py }, i) => i === 0 || px !== sorted[i - 1]!.px || py !== sorted[i - 1]!.py);
}

/** Error bars of a crowded line stand this far apart. */
const barDistance = 46;

/** @param right edge that no label crosses */
export function curveMarks(
  { name, parameter, style, isMain, hasBand, points }: PlottedCurve,
  right: number,
): readonly Markup[] {
  const marks: Markup[] = [];
  if (hasBand && !style.isPoints && points.length > 1) {
    const band = [
      ...points.map(({ px, interval }) => [px, interval[1]] as const),
      ...points.map(({ px, interval }) => [px, interval[0]] as const).reverse(),
    ];
    marks.push(
      element("path", { d: `${polyline(band)}Z`, style: `fill:${style.color};fill-opacity:${isMain ? ".13" : ".07"}` }),
    );
  }
  let lastBar = Number.NEGATIVE_INFINITY;
  for (const { px, interval } of points) {
    if (!style.isPoints && (!hasBand || px - lastBar < barDistance)) continue;
    lastBar = px;
    marks.push(errorBar(px, interval, style.color));
  }
  if (!style.isPoints) {
    const d = polyline(points.map(({ px, py }) => [px, py] as const));
    const stroke = `fill:none;stroke:${style.color};stroke-width:${isMain ? 2.75 : 1.75};stroke-linejoin:round`;
    marks.push(element("path", { d, "stroke-dasharray": style.dash, "data-method": name, style: stroke }));
  }
  for (const { point, px, py } of points) {
    const words = `${name}, ${settingWithName(parameter, point.setting)}\n${told(point)}`;
    const size = style.isPoints ? 5 : isMain ? 3.2 : 2.4;
    const rim = style.isPoints || isMain ? `;stroke:${paper};stroke-width:1.25` : "";
    marks.push(marker(style, px, py, size, rim, words));
    if (style.isPoints) {
      const short = parameter === "bits" ? settingWithName(parameter, point.setting) : String(point.setting);
      const isAtEdge = px + 9 + textWidth(short, 11) > right;
      const side = isAtEdge ? ({ x: px - 9, anchor: "end" } as const) : ({ x: px + 9, anchor: "start" } as const);
      marks.push(label(short, { ...side, y: py + 15, color: style.color, size: 11, halo: true }));
    }
  }
  return marks;
}

export function lineSample(x: number, y: number, style: MethodStyle): Markup {
  const isMain = style.dash === undefined;
  const line = `stroke:${style.color};stroke-width:${isMain ? 2.75 : 1.75}`;
  return element(
    "g",
    {},
    element("line", { x1: x, x2: x + 26, y1: y, y2: y, "stroke-dasharray": style.dash, style: line }),
    marker(style, x + 13, y, 3.2, ""),
  );
}

export function pointSample(x: number, y: number, style: MethodStyle): Markup {
  return marker(style, x + 13, y, 5, "");
}

function told({ top1, top1Ci95, cost, costP95 }: CurvePoint): string {
  const interval = `${percent(top1Ci95[0])} to ${percent(top1Ci95[1])}`;
  return `top-1 ${percent(top1)} (${interval})\ncost ${percent(cost)}, 95th percentile ${percent(costP95)}`;
}

function errorBar(x: number, [low, high]: readonly [number, number], color: string): Markup {
  const cap = 3;
  const d = `M${x - cap} ${low}h${2 * cap}M${x} ${low}V${high}M${x - cap} ${high}h${2 * cap}`;
  return element("path", { d: rounded(d), style: `fill:none;stroke:${color};stroke-width:1;stroke-opacity:.55` });
}

function marker(
  { color, marker }: MethodStyle,
  x: number,
  y: number,
  size: number,
  rim: string,
  words?: string,
): Markup {
  const style = `fill:${color}${rim}`;
  // `data-tip` marks what the page's script shows on hover; <title> does the same where there is no script.
  const told = words === undefined ? [] : [element("title", {}, text(words))];
  const attributes = words === undefined ? { style } : { style, "data-tip": "", "data-x": x, "data-y": y };
  switch (marker) {
    case "circle":
      return element("circle", { cx: x, cy: y, r: size, ...attributes }, ...told);
    case "square":
      return element("rect", { x: x - size, y: y - size, width: 2 * size, height: 2 * size, ...attributes }, ...told);
    case "diamond":
      return element(
        "path",
        {
          d: corners([
            [x, y - size * 1.3],
            [x + size * 1.3, y],
            [x, y + size * 1.3],
            [x - size * 1.3, y],
          ]),
          ...attributes,
        },
        ...told,
      );
    case "triangle":
      return element(
        "path",
        {
          d: corners([
            [x, y - size * 1.3],
            [x + size * 1.2, y + size * 0.9],
            [x - size * 1.2, y + size * 0.9],
          ]),
          ...attributes,
        },
        ...told,
      );
  }
}

function corners(points: readonly (readonly [number, number])[]): string {
  return `${polyline(points)}Z`;
}

function rounded(d: string): string {
  return d.replace(/-?\d+\.\d+/g, (number) => Number(number).toFixed(2));
}
