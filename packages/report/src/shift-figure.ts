import type { Shift } from "./comparison-schema.js";
import { lineSample } from "./curve-marks.js";
import { type MethodStyle, methodStyles } from "./palette.js";
import { axes, figureElement, label, legend } from "./plot-frame.js";
import type { Results } from "./results-schema.js";
import { linearScale, niceDomain, type Scale } from "./scales.js";
import { shownBudget, shownMethods } from "./shown-methods.js";
import { element, type Markup, polyline, text } from "./svg.js";
import { methodName, percent, shortPercent } from "./words.js";

const width = 760;
const left = 52;
const right = 22;
const gap = 64;
const plotHeight = 240;

interface Line {
  readonly method: string;
  readonly style: MethodStyle;
  /** By strength, 0 being the same images as they were. */
  readonly points: readonly { readonly top1: number; readonly cost: number }[];
}

/** Accuracy and mean cost at the settings of the middle budget as images get worse; null where none were corrupted, or no budget is met. */
export function shiftFigure(results: Results): string | null {
  const { shift } = results;
  if (shift === undefined) return null;
  const budget = shownBudget(shift);
  if (budget === null) return null;
  const lines = linesOf(results, shift, budget);
  const head = legend(
    lines.map(({ method, style }) => ({
      words: methodName(method),
      sample: (x: number, y: number) => lineSample(x, y, style),
    })),
    left,
    width - right,
    10,
  );
  const top = 10 + head.height + 38;
  const middle = (left + width - right) / 2;
  const panels = [
    { from: left, to: middle - gap / 2, of: "top1" as const, words: `accuracy, settings for ${shortPercent(budget)}` },
    { from: middle + gap / 2, to: width - right, of: "cost" as const, words: "mean cost" },
  ];
  return figureElement(
    { width, height: top + plotHeight + 54 },
    {
      title: `Accuracy and cost on corrupted images of ${results.dataset}`,
      description: lines
        .map(({ method, points }) => `${methodName(method)}: ${points.map(({ top1 }) => percent(top1)).join(", ")}`)
        .join("; "),
    },
    ...head.marks,
    ...panels.flatMap(({ from, to, of, words }) => panel(lines, shift, { from, to, top, of, words })),
  );
}

function linesOf(results: Results, { methods, strengths, conditions }: Shift, budget: number): readonly Line[] {
  const shown = shownMethods(results);
  const styles = methodStyles(results.curves.filter(({ method }) => shown.includes(method)));
  return shown.flatMap((method): Line[] => {
    const curve = results.curves.find((one) => one.method === method);
    const style = curve === undefined ? undefined : styles.get(curve);
    const clean = cleanAt(results, methods.find((one) => one.method === method)?.clean ?? [], method, budget);
    if (style === undefined || clean === null) return [];
    const worse = strengths.map((strength) => {
      const told = conditions
        .filter((condition) => condition.strength === strength)
        .flatMap(({ points }) => points.filter((point) => point.method === method && point.budget === budget));
      const mean = (values: readonly number[]) =>
        values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
      return { top1: mean(told.map(({ top1 }) => top1)), cost: mean(told.map(({ cost }) => cost)) };
    });
    return [{ method, style, points: [clean, ...worse] }];
  });
}

/** The clean images at the setting that the budget has. */
function cleanAt(
  { operatingPoints }: Results,
  clean: Shift["methods"][number]["clean"],
  method: string,
  budget: number,
): Line["points"][number] | null {
  const point = operatingPoints.find((one) => one.budget === budget);
  const setting = method === "quee" ? point?.lambda : point?.rivals.find((rival) => rival.method === method)?.setting;
  return clean.find((one) => one.setting === setting) ?? null;
}

interface Panel {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly of: "top1" | "cost";
  readonly words: string;
}

function panel(lines: readonly Line[], { strengths }: Shift, { from, to, top, of, words }: Panel): readonly Markup[] {
  const box = { left: from, right: to, top, bottom: top + plotHeight };
  const values = lines.flatMap(({ points }) => points.map((point) => point[of]));
  const places = [0, ...strengths];
  const least = values.reduce((a, b) => Math.min(a, b), 1);
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  const x = linearScale([0, Math.max(...places)], [from, to], places.length);
  const y = linearScale(niceDomain(least, most, 5), [box.bottom, box.top], 5);
  return [
    ...axes(
      box,
      {
        scale: x,
        label: "strength of the corruption",
        format: (strength) => (strength === 0 ? "clean" : String(strength)),
      },
      { scale: y, label: "", format: shortPercent },
    ),
    label(words, { x: from - 40, y: top - 12, anchor: "start" }),
    ...lines.flatMap((line) => marks(line, places, of, x, y)),
  ];
}

function marks({ method, style, points }: Line, places: readonly number[], of: "top1" | "cost", x: Scale, y: Scale) {
  const at = points.map((point, s) => [x(places[s] ?? 0), y(point[of])] as const);
  const stroke = `fill:none;stroke:${style.color};stroke-width:${method === "quee" ? 2.75 : 1.75};stroke-linejoin:round`;
  return [
    element("path", { d: polyline(at), "stroke-dasharray": style.dash, style: stroke }),
    ...at.map(([px, py], s) => {
      const { top1, cost } = points[s] ?? { top1: 0, cost: 0 };
      const words = `${methodName(method)}, ${s === 0 ? "clean" : `strength ${places[s]}`}\ntop-1 ${percent(top1)}, cost ${percent(cost)}`;
      const attributes = {
        cx: px,
        cy: py,
        r: 3.2,
        "data-tip": "",
        "data-x": px,
        "data-y": py,
        style: `fill:${style.color}`,
      };
      return element("circle", attributes, element("title", {}, text(words)));
    }),
  ];
}
