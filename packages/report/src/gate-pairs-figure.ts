import { ink, muted, paper, rule } from "./palette.js";
import { figureElement, label, legend } from "./plot-frame.js";
import { linearScale, niceDomain } from "./scales.js";
import { element, type Markup, text } from "./svg.js";
import { percent, shortPercent } from "./words.js";

/** What one gate says of one way to go on, and what is true of it. */
export interface GatePairRow {
  /** 2 … E */
  readonly gate: number;
  /** The path so far, `8-6`. */
  readonly prefix: string;
  /** The way to go on, `8-6-5`; the prefix itself is to exit. */
  readonly candidate: string;
  readonly count: number;
  readonly meanPredicted: number | null;
  readonly errorRate: number | null;
  readonly rmse: number | null;
  readonly ece: number | null;
  /** Null where all answers are right, or all are wrong. */
  readonly auroc: number | null;
}

const width = 760;
const left = 132;
const right = 500;
const rowHeight = 19;
const columns = [
  { x: 560, name: "AUROC", of: ({ auroc }: GatePairRow) => twoDigits(auroc) },
  { x: 640, name: "ECE", of: ({ ece }: GatePairRow) => (ece === null ? "–" : percent(ece)) },
  { x: 720, name: "RMSE", of: ({ rmse }: GatePairRow) => threeDigits(rmse) },
] as const;
const predictedColor = "var(--quee, #0a5fb4)";
const observedColor = "var(--rival-1, #c8501e)";

/**
 * Every (prefix, candidate) pair of every gate by itself: how often it errs, how often the gate says so, and whether the gate
 * can tell the images of this pair apart. Null of no pairs.
 */
export function gatePairsFigure(
  pairs: readonly GatePairRow[],
  { dataset }: { readonly dataset: string },
): string | null {
  const shown = pairs.filter(({ count }) => count > 0);
  if (shown.length === 0) return null;
  const head = legend(
    [
      { words: "observed error", sample: (x, y) => dot(x + 13, y, observedColor) },
      { words: "mean predicted error", sample: (x, y) => ring(x + 13, y) },
    ],
    12,
    width,
    8,
  );
  const top = 8 + head.height + 34;
  const values = shown.flatMap(({ meanPredicted, errorRate }) => [meanPredicted ?? 0, errorRate ?? 0]);
  const x = linearScale(niceDomain(Math.min(...values), Math.max(...values), 5), [left, right], 5);
  const yOf = (row: number) => top + row * rowHeight + 14 * gatesBefore(shown, row);
  const bottom = yOf(shown.length - 1) + rowHeight;
  return figureElement(
    { width, height: bottom + 46 },
    {
      title: `What each gate says of each way to go on, ${dataset}`,
      description: shown.map((pair) => `${nameOf(pair)}: ${toldOf(pair)}`).join("; "),
    },
    ...head.marks,
    ...columns.map(({ x: at, name }) => label(name, { x: at, y: top - 12, anchor: "end", color: ink })),
    ...x.ticks.flatMap((tick) => [
      element("line", { x1: x(tick), x2: x(tick), y1: top - 6, y2: bottom, style: `stroke:${rule}` }),
      label(shortPercent(tick), { x: x(tick), y: bottom + 16, anchor: "middle" }),
    ]),
    label("error on test images", { x: (left + right) / 2, y: bottom + 36, anchor: "middle" }),
    ...shown.flatMap((pair, row) => rowMarks(pair, shown[row - 1], yOf(row) + rowHeight / 2, x)),
  );
}

function rowMarks(
  pair: GatePairRow,
  above: GatePairRow | undefined,
  y: number,
  x: (value: number) => number,
): readonly Markup[] {
  const { prefix, candidate, meanPredicted, errorRate } = pair;
  const words = candidate === prefix ? `${prefix}, exit` : candidate;
  const opensGate = above?.gate !== pair.gate;
  const marks: Markup[] = [
    label(words, { x: left - 12, y: y + 4, anchor: "end", color: candidate === prefix ? ink : muted }),
    ...columns.map((column) => label(column.of(pair), { x: column.x, y: y + 4, anchor: "end", color: ink })),
  ];
  if (opensGate) marks.push(label(`gate ${pair.gate}`, { x: 12, y: y + 4, anchor: "start", color: ink, weight: 600 }));
  if (meanPredicted === null || errorRate === null) return marks;
  const between = { x1: x(meanPredicted), x2: x(errorRate), y1: y, y2: y };
  return [
    ...marks,
    element("line", { ...between, style: `stroke:${predictedColor};stroke-opacity:.45;stroke-width:2` }),
    element(
      "g",
      { "data-tip": "" },
      dot(x(errorRate), y, observedColor),
      ring(x(meanPredicted), y),
      element("title", {}, text(`${nameOf(pair)}\n${toldOf(pair)}`)),
    ),
  ];
}

/** Gates that have begun above a row: a little air parts them. */
function gatesBefore(pairs: readonly GatePairRow[], row: number): number {
  return new Set(pairs.slice(0, row + 1).map(({ gate }) => gate)).size - 1;
}

function nameOf({ gate, prefix, candidate }: GatePairRow): string {
  return candidate === prefix ? `gate ${gate}, exit at ${prefix}` : `gate ${gate}, from ${prefix} to ${candidate}`;
}

function toldOf({ meanPredicted, errorRate, auroc }: GatePairRow): string {
  return `predicted ${percent(meanPredicted ?? 0)}, observed ${percent(errorRate ?? 0)}, AUROC ${twoDigits(auroc)}`;
}

function dot(x: number, y: number, fill: string): Markup {
  return element("circle", { cx: x, cy: y, r: 4, style: `fill:${fill}` });
}

function ring(x: number, y: number): Markup {
  return element("circle", {
    ...{ cx: x, cy: y, r: 4 },
    style: `fill:${paper};fill-opacity:.6;stroke:${predictedColor};stroke-width:2`,
  });
}

function twoDigits(value: number | null): string {
  return value === null ? "–" : value.toFixed(2);
}

function threeDigits(value: number | null): string {
  return value === null ? "–" : value.toFixed(3);
}
