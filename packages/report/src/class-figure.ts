import { exitColor, ink, muted, rule } from "./palette.js";
import { figureElement, label } from "./plot-frame.js";
import type { ClassPoint, Results } from "./results-schema.js";
import { element, type Markup, text } from "./svg.js";
import { percent, settingText } from "./words.js";

export interface ClassFigureOptions {
  /** Takes the recorded λ that is nearest; without it, the λ of the budget nearest to half the computation. */
  readonly lambda?: number;
  /** With more classes than this, the earliest and the latest leaving are shown. */
  readonly mostClasses?: number;
}

interface Row {
  readonly name: string;
  readonly exits: readonly number[];
  readonly count: number;
  readonly correct: number;
  readonly meanBits: number | null;
}

const width = 760;
const rowHeight = 26;
const nameWidth = 150;
const numbersWidth = 190;
const top = 66;

/** Which classes leave where: classes × exits, each cell the share of the class's images. Null without such counts. */
export function classFigure(results: Results, options: ClassFigureOptions = {}): string | null {
  const point = pointNear(results, options.lambda ?? halfBudgetLambda(results));
  if (point === null) return null;
  const { rows, leftOut } = chooseRows(rowsOf(results, point), options.mostClasses ?? 30);
  const { exits } = results.backbone;
  const cell = (width - nameWidth - numbersWidth) / exits.length;
  const numbersAt = [width - numbersWidth + 70, width - numbersWidth + 160] as const;
  const bottom = top + rows.length * rowHeight;
  const header = { y: top - 12, anchor: "middle" } as const;

  return figureElement(
    { width, height: bottom + (leftOut > 0 ? 34 : 14) },
    { title: `Which classes leave where, on ${results.dataset}`, description: `At λ ${settingText(point.lambda)}` },
    label(`test images of each class by exit, at λ = ${settingText(point.lambda)}`, { x: 12, y: 22, anchor: "start" }),
    ...exits.map((layer, e) =>
      label(`exit ${e + 1} (layer ${layer})`, { ...header, x: nameWidth + (e + 0.5) * cell, color: ink }),
    ),
    label("top-1", { ...header, x: numbersAt[0], anchor: "end" }),
    label("mean bits", { ...header, x: numbersAt[1], anchor: "end" }),
    ...rows.flatMap((row, i) => rowMarks(row, { y: top + i * rowHeight, cell, numbersAt })),
    ...(leftOut > 0
      ? [label(`${leftOut} classes between these are left out`, { x: 12, y: bottom + 20, anchor: "start" })]
      : []),
  );
}

function rowMarks(row: Row, place: { y: number; cell: number; numbersAt: readonly [number, number] }): Markup[] {
  const { y, cell } = place;
  const base = y + rowHeight / 2 + 4;
  const cells = row.exits.flatMap((count, e) => {
    const share = row.count === 0 ? 0 : count / row.count;
    const x = nameWidth + e * cell;
    const box = { x: x + 1, y: y + 1, width: cell - 2, height: rowHeight - 2, rx: 2 };
    const words = `${row.name}: ${count} of ${row.count} images leave at exit ${e + 1}`;
    return [
      element("rect", { ...box, style: `fill:${rule};fill-opacity:.35` }),
      element(
        "rect",
        { ...box, "data-tip": "", style: `fill:${exitColor(e, row.exits.length)};fill-opacity:${share.toFixed(3)}` },
        element("title", {}, text(words)),
      ),
      // A class without images has no shares.
      label(row.count === 0 ? "–" : percent(share, 0), { x: x + cell / 2, y: base, anchor: "middle", color: ink }),
    ];
  });
  const top1 = row.count === 0 ? "–" : percent(row.correct / row.count);
  return [
    label(shortened(row.name, 20), { x: nameWidth - 12, y: base, anchor: "end", color: ink }),
    ...cells,
    label(top1, { x: place.numbersAt[0], y: base, anchor: "end", color: ink }),
    label(row.meanBits === null ? "–" : row.meanBits.toFixed(2), {
      x: place.numbersAt[1],
      y: base,
      anchor: "end",
      color: muted,
    }),
  ];
}

function rowsOf({ classes }: Results, point: ClassPoint): readonly Row[] {
  return classes.names.map((name, k) => {
    const exits = point.exits[k] ?? [];
    const count = exits.reduce((sum, images) => sum + images, 0);
    return { name, exits, count, correct: point.correct[k] ?? 0, meanBits: point.meanBits[k] ?? null };
  });
}

/** Classes in the order of the data set; of very many the two ends by how late they leave. */
function chooseRows(rows: readonly Row[], most: number): { rows: readonly Row[]; leftOut: number } {
  if (rows.length <= most) return { rows, leftOut: 0 };
  const sorted = [...rows].sort((a, b) => meanExit(a) - meanExit(b));
  const half = Math.floor(most / 2);
  return { rows: [...sorted.slice(0, half), ...sorted.slice(-half)], leftOut: rows.length - 2 * half };
}

function meanExit({ exits, count }: Row): number {
  return count === 0 ? 0 : exits.reduce((sum, images, e) => sum + images * e, 0) / count;
}

function halfBudgetLambda({ operatingPoints }: Results): number {
  const reachable = operatingPoints.filter(({ lambda }) => lambda !== null);
  const [first] = reachable;
  if (first === undefined) return 0;
  const nearest = reachable.reduce((a, b) => (Math.abs(b.budget - 0.5) < Math.abs(a.budget - 0.5) ? b : a), first);
  return nearest.lambda ?? 0;
}

function pointNear({ classes }: Results, lambda: number): ClassPoint | null {
  const [first] = classes.points;
  if (first === undefined) return null;
  return classes.points.reduce((a, b) => (Math.abs(b.lambda - lambda) < Math.abs(a.lambda - lambda) ? b : a), first);
}

function shortened(name: string, most: number): string {
  const letters = [...name];
  return letters.length <= most ? name : `${letters.slice(0, most - 1).join("")}…`;
}
