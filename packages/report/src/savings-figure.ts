import { exitColor, ink, muted, rule } from "./palette.js";
import { figureElement, label, legend } from "./plot-frame.js";
import { linearScale, niceDomain } from "./scales.js";
import { element, type Markup, text } from "./svg.js";
import { percent, shortPercent } from "./words.js";

/** What the images of one class are spared, as fractions of running everything at the most bits. */
export interface ClassSavings {
  readonly name: string;
  /** By leaving early: what the blocks behind the exit would have cost. */
  readonly byExit: number;
  /** By fewer bits in the blocks that ran. */
  readonly byBits: number;
}

const width = 760;
const left = 140;
const right = 730;
const rowHeight = 26;
const [exitFill, bitsFill] = [exitColor(0, 2), exitColor(1, 2)];

/**
 * Which classes are served by depth and which by width: figure 1 of the paper, in numbers. Classes in the order given. Null of
 * nothing.
 */
export function savingsFigure(classes: readonly ClassSavings[], { title }: { readonly title: string }): string | null {
  if (classes.length === 0) return null;
  const head = legend(
    [
      { words: "spared by leaving early", sample: (x, y) => block(x, y, exitFill) },
      { words: "spared by fewer bits", sample: (x, y) => block(x, y, bitsFill) },
    ],
    12,
    width,
    8,
  );
  const top = 8 + head.height + 16;
  const bottom = top + classes.length * rowHeight;
  const most = Math.max(...classes.map(({ byExit, byBits }) => byExit + byBits), 0.01);
  const x = linearScale(niceDomain(0, most, 6), [left, right], 6);
  return figureElement(
    { width, height: bottom + 46 },
    { title, description: classes.map(toldOf).join("; ") },
    ...head.marks,
    ...x.ticks.flatMap((tick) => [
      element("line", { x1: x(tick), x2: x(tick), y1: top, y2: bottom, style: `stroke:${rule}` }),
      label(shortPercent(tick), { x: x(tick), y: bottom + 16, anchor: "middle" }),
    ]),
    label("of the cost of the whole network at the most bits, mean over the images of the class", {
      x: (left + right) / 2,
      y: bottom + 36,
      anchor: "middle",
      color: muted,
    }),
    ...classes.flatMap((one, row) => rowMarks(one, top + row * rowHeight, x)),
  );
}

function rowMarks(one: ClassSavings, y: number, x: (value: number) => number): readonly Markup[] {
  const { name, byExit, byBits } = one;
  const bar = (from: number, to: number, fill: string) =>
    element(
      "rect",
      { x: x(from), y: y + 4, width: x(to) - x(from), height: rowHeight - 8, "data-tip": "", style: `fill:${fill}` },
      element("title", {}, text(toldOf(one))),
    );
  return [
    label(name, { x: left - 12, y: y + rowHeight / 2 + 4, anchor: "end", color: ink }),
    bar(0, byExit, exitFill),
    bar(byExit, byExit + byBits, bitsFill),
  ];
}

function toldOf({ name, byExit, byBits }: ClassSavings): string {
  return `${name}: ${percent(byExit)} by leaving early, ${percent(byBits)} by fewer bits`;
}

function block(x: number, y: number, fill: string): Markup {
  return element("rect", { x: x + 6, y: y - 6, width: 14, height: 12, style: `fill:${fill}` });
}
