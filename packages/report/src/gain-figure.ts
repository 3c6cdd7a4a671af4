import { ink, muted, rule } from "./palette.js";
import { figureElement, label, textWidth } from "./plot-frame.js";
import { linearScale, niceDomain } from "./scales.js";
import { element, type Markup, text } from "./svg.js";

/** What one change brought, against the same without it. */
export interface GainRow {
  readonly name: string;
  /** In points of accuracy; below 0 it did harm. */
  readonly gain: number;
  /** Half of the 95 % interval; null where there is one seed. */
  readonly halfWidth: number | null;
}

const width = 760;
const right = 690;
const rowHeight = 24;
const top = 40;
const colors = { better: "var(--rival-2, #00795c)", worse: "var(--rival-1, #c8501e)", open: muted };

/** One dot with its interval for each change, in the order given. Null of nothing. */
export function gainFigure(
  rows: readonly GainRow[],
  { title, axis }: { readonly title: string; readonly axis: string },
): string | null {
  if (rows.length === 0) return null;
  // Names have the room that they need, and the rest is for the axis.
  const left = Math.min(440, Math.max(...rows.map(({ name }) => textWidth(name))) + 28);
  const ends = rows.flatMap(({ gain, halfWidth }) => [gain - (halfWidth ?? 0), gain + (halfWidth ?? 0)]);
  const x = linearScale(niceDomain(Math.min(0, ...ends), Math.max(0, ...ends), 6), [left, right], 6);
  const bottom = top + rows.length * rowHeight;
  return figureElement(
    { width, height: bottom + 46 },
    { title, description: rows.map(({ name, gain }) => `${name}: ${signed(gain)}`).join("; ") },
    ...x.ticks.flatMap((tick) => [
      element("line", {
        x1: x(tick),
        x2: x(tick),
        y1: top - 6,
        y2: bottom,
        style: `stroke:${tick === 0 ? ink : rule}`,
      }),
      label(signed(tick), { x: x(tick), y: bottom + 16, anchor: "middle" }),
    ]),
    label(axis, { x: width - 12, y: bottom + 36, anchor: "end" }),
    ...rows.flatMap((row, i) => rowMarks(row, left, top + (i + 0.5) * rowHeight, x)),
  );
}

function rowMarks(row: GainRow, left: number, y: number, x: (value: number) => number): readonly Markup[] {
  const { name, gain, halfWidth } = row;
  const color = colors[verdictOf(row)];
  const bar = { y1: y, y2: y, style: `stroke:${color};stroke-width:2;stroke-opacity:.55` };
  const words = `${name}\n${signed(gain)}${halfWidth === null ? "" : ` ± ${halfWidth.toFixed(2)}`} points`;
  return [
    label(name, { x: left - 14, y: y + 4, anchor: "end", color: ink }),
    ...(halfWidth === null ? [] : [element("line", { x1: x(gain - halfWidth), x2: x(gain + halfWidth), ...bar })]),
    element(
      "circle",
      { cx: x(gain), cy: y, r: 4.5, "data-tip": "", style: `fill:${color}` },
      element("title", {}, text(words)),
    ),
    label(signed(gain), { x: width - 12, y: y + 4, anchor: "end", color }),
  ];
}

/** Whether the interval says anything; one seed says nothing. */
function verdictOf({ gain, halfWidth }: GainRow): "better" | "worse" | "open" {
  if (halfWidth === null || Math.abs(gain) <= halfWidth) return "open";
  return gain > 0 ? "better" : "worse";
}

function signed(value: number): string {
  const rounded = Number(value.toFixed(2));
  return `${rounded > 0 ? "+" : rounded < 0 ? "−" : ""}${Math.abs(rounded)}`;
}
