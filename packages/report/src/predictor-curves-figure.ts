import { exitColor, ink } from "./palette.js";
import { axes, figureElement, label, legend } from "./plot-frame.js";
import { linearScale, niceDomain } from "./scales.js";
import { element, type Markup, polyline, text } from "./svg.js";
import { percent, shortPercent } from "./words.js";

/** The curve that one set of predictors routes along, and how far those are from their targets. */
export interface PredictorCurve {
  /** What tells it from the others: `hidden 16`, `reading B` … */
  readonly name: string;
  /** √ mean (p̂e − p̃e)² on test images. */
  readonly rmse: number;
  readonly points: readonly { readonly cost: number; readonly top1: number }[];
}

const width = 760;
const left = 52;
const right = 22;
const plotHeight = 320;

/**
 * Accuracy against cost of predictors of different RMSE, the best ones palest: figure 4 of the paper, "lower RMSE results in
 * better performance … notable in the higher cost regime". Null where there is nothing to compare.
 */
export function predictorCurvesFigure(
  curves: readonly PredictorCurve[],
  { dataset, costLabel }: { readonly dataset: string; readonly costLabel: string },
): string | null {
  const sorted = curves.filter(({ points }) => points.length > 0).sort((a, b) => a.rmse - b.rmse);
  if (sorted.length === 0) return null;
  const colorOf = (c: number) => exitColor(c, sorted.length);
  const head = legend(
    sorted.map((curve, c) => ({ words: wordsOf(curve), sample: (x, y) => lineSample(x, y, colorOf(c)) })),
    left,
    width - right,
    10,
  );
  const box = { left, right: width - right, top: 10 + head.height + 36, bottom: 0 };
  box.bottom = box.top + plotHeight;
  const points = sorted.flatMap((curve) => curve.points);
  const domainOf = (values: readonly number[], ticks: number) =>
    niceDomain(Math.min(...values), Math.max(...values), ticks);
  const x = linearScale(
    domainOf(
      points.map(({ cost }) => cost),
      8,
    ),
    [box.left, box.right],
    8,
  );
  const y = linearScale(
    domainOf(
      points.map(({ top1 }) => top1),
      6,
    ),
    [box.bottom, box.top],
    6,
  );
  return figureElement(
    { width, height: box.bottom + 54 },
    {
      title: `Accuracy against cost of predictors of different RMSE, ${dataset}`,
      description: sorted.map(wordsOf).join("; "),
    },
    ...head.marks,
    ...axes(
      box,
      { scale: x, label: costLabel, format: shortPercent },
      { scale: y, label: "top-1 accuracy on test images", format: shortPercent },
    ),
    ...sorted.flatMap((curve, c) => curveMarks(curve, colorOf(c), x, y)),
    label("dark: far from its targets", { x: box.right, y: box.bottom - 10, anchor: "end", color: ink, halo: true }),
  );
}

function curveMarks(
  curve: PredictorCurve,
  color: string,
  x: (value: number) => number,
  y: (value: number) => number,
): readonly Markup[] {
  const points = [...curve.points].sort((a, b) => a.cost - b.cost);
  const d = polyline(points.map(({ cost, top1 }) => [x(cost), y(top1)] as const));
  return [
    element("path", { d, style: `fill:none;stroke:${color};stroke-width:2;stroke-linejoin:round` }),
    ...points.map(({ cost, top1 }) =>
      element(
        "circle",
        { cx: x(cost), cy: y(top1), r: 2.4, "data-tip": "", style: `fill:${color}` },
        element("title", {}, text(`${wordsOf(curve)}\ntop-1 ${percent(top1)}\ncost ${percent(cost)}`)),
      ),
    ),
  ];
}

function wordsOf({ name, rmse }: PredictorCurve): string {
  return `${name}, RMSE ${rmse.toFixed(3)}`;
}

function lineSample(x: number, y: number, color: string): Markup {
  return element("line", { x1: x, x2: x + 26, y1: y, y2: y, style: `stroke:${color};stroke-width:2` });
}
