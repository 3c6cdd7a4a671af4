import { ink, muted, paper } from "./palette.js";
import { axes, type Box, figureElement, label } from "./plot-frame.js";
import { linearScale } from "./scales.js";
import { coordinate, element, type Markup, text } from "./svg.js";
import { grouped, percent, shortPercent } from "./words.js";

/** What was foretold in one bin, and what happened. */
export interface ReliabilityMark {
  readonly count: number;
  /** Mean predicted probability of error. */
  readonly predicted: number;
  /** Observed frequency of error. */
  readonly observed: number;
}

export interface ReliabilityPanel {
  /** `gate 2`, `gate 2, paths that end at 6 bits` … */
  readonly name: string;
  readonly bins: readonly ReliabilityMark[];
  /** Below the name: the scores of this panel. */
  readonly words?: string;
}

const width = 760;
const perRow = 3;
const left = 46;
const gap = 58;
const top = 46;
const rowGap = 96;
const color = "var(--quee, #0a5fb4)";

/** Predicted against observed error, one panel for each of what must not be pooled. On the diagonal a gate says what happens. */
export function reliabilityFigure(
  panels: readonly ReliabilityPanel[],
  { dataset }: { readonly dataset: string },
): string {
  const columns = Math.min(perRow, Math.max(panels.length, 2));
  const size = (width - left - 16 - (columns - 1) * gap) / columns;
  const end = niceEnd(panels);
  const rows = Math.ceil(panels.length / columns);
  const marks = panels.flatMap((panel, p) => {
    const x = left + (p % columns) * (size + gap);
    const y = top + Math.floor(p / columns) * (size + rowGap);
    return panelMarks(panel, { left: x, right: x + size, top: y, bottom: y + size }, end);
  });
  return figureElement(
    { width, height: top + rows * (size + rowGap) - rowGap + 54 },
    {
      title: `Predicted and observed error on ${dataset}`,
      description: panels.map(({ name, words = "" }) => `${name} ${words}`.trim()).join("; "),
    },
    ...marks,
  );
}

function panelMarks({ name, bins, words }: ReliabilityPanel, box: Box, end: number): readonly Markup[] {
  const x = linearScale([0, end], [box.left, box.right], 4);
  const y = linearScale([0, end], [box.bottom, box.top], 4);
  const most = bins.reduce((largest, { count }) => Math.max(largest, count), 1);
  return [
    ...axes(
      box,
      { scale: x, label: "predicted error", format: shortPercent },
      { scale: y, label: "", format: shortPercent },
    ),
    label(name, { x: box.left, y: box.top - 26, anchor: "start", color: ink, weight: 600 }),
    label(words ?? "", { x: box.left, y: box.top - 10, anchor: "start", size: 11 }),
    element("line", {
      ...{ x1: x(0), y1: y(0), x2: x(end), y2: y(end), "stroke-dasharray": "1 4", "stroke-linecap": "round" },
      style: `stroke:${muted};stroke-width:1.5`,
    }),
    label("observed", { x: box.left + 6, y: box.top + 14, anchor: "start", size: 11, halo: true }),
    ...bins.flatMap(({ count, predicted, observed }) => [
      // How far the bin is off, down or up to the diagonal.
      element("line", {
        ...{ x1: x(predicted), x2: x(predicted), y1: y(predicted), y2: y(observed) },
        style: `stroke:${color};stroke-opacity:.45;stroke-width:1.5`,
      }),
      element(
        "circle",
        {
          ...{ cx: x(predicted), cy: y(observed), "data-tip": "" },
          // Area by count; a bin of one sample still shows.
          r: 2 + 4 * Math.sqrt(count / most),
          style: `fill:${color};stroke:${paper};stroke-width:1`,
        },
        element("title", {}, text(toldOf(name, { count, predicted, observed }))),
      ),
    ]),
  ];
}

function toldOf(name: string, { count, predicted, observed }: ReliabilityMark): string {
  return `${name}\npredicted ${percent(predicted)}, observed ${percent(observed)}\n${grouped(count)} predictions`;
}

/** Errors of good networks are small: the axes end at the first tenth that holds every bin. */
function niceEnd(panels: readonly ReliabilityPanel[]): number {
  const values = panels.flatMap(({ bins }) => bins.flatMap(({ predicted, observed }) => [predicted, observed]));
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  return Number(coordinate(Math.min(1, Math.max(0.1, Math.ceil(largest * 10 - 1e-9) / 10))));
}
