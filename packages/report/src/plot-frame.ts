import { fontFamily, ink, muted, paper, rule } from "./palette.js";
import type { Scale } from "./scales.js";
import { element, type Markup, text } from "./svg.js";

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The outer element of a figure. It scales with the page; a screen reader hears `title` and `description`. */
export function figureElement(
  size: { readonly width: number; readonly height: number },
  words: { readonly title: string; readonly description: string },
  ...children: readonly Markup[]
): string {
  const { width, height } = size;
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-label": `${words.title}. ${words.description}`,
      style: `font-family:${fontFamily};font-size:12px;max-width:100%;height:auto`,
    },
    element("rect", { width, height, style: `fill:${paper}` }),
    ...children,
  );
}

export interface Axis {
  readonly scale: Scale;
  readonly label: string;
  readonly format: (tick: number) => string;
}

/** Grid lines, ticks and the names of both axes. */
export function axes(box: Box, x: Axis, y: Axis): readonly Markup[] {
  const horizontal = y.scale.ticks.flatMap((tick) => {
    const at = y.scale(tick);
    return [
      element("line", { x1: box.left, x2: box.right, y1: at, y2: at, style: `stroke:${rule}` }),
      label(y.format(tick), { x: box.left - 8, y: at + 4, anchor: "end" }),
    ];
  });
  const vertical = x.scale.ticks.flatMap((tick) => {
    const at = x.scale(tick);
    return [
      element("line", { x1: at, x2: at, y1: box.bottom, y2: box.bottom + 5, style: `stroke:${muted}` }),
      label(x.format(tick), { x: at, y: box.bottom + 19, anchor: "middle" }),
    ];
  });
  return [
    ...horizontal,
    element("line", { x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom, style: `stroke:${muted}` }),
    ...vertical,
    label(x.label, { x: (box.left + box.right) / 2, y: box.bottom + 40, anchor: "middle" }),
    // The name of the vertical axis lies flat above it: nobody has to turn the head.
    label(y.label, { x: 12, y: box.top - 12, anchor: "start" }),
  ];
}

export interface LabelPlace {
  readonly x: number;
  readonly y: number;
  readonly anchor: "start" | "middle" | "end";
  readonly color?: string;
  readonly weight?: number;
  readonly size?: number;
  /** Draws the letters on a rim of paper, so that lines behind them do not disturb. */
  readonly halo?: boolean;
}

export function label(words: string, { x, y, anchor, color = muted, weight, size, halo }: LabelPlace): Markup {
  const style = [
    `fill:${color}`,
    weight === undefined ? "" : `font-weight:${weight}`,
    size === undefined ? "" : `font-size:${size}px`,
    halo === true ? `paint-order:stroke;stroke:${paper};stroke-width:4px;stroke-linejoin:round` : "",
  ];
  return element(
    "text",
    { x, y, "text-anchor": anchor, style: style.filter((part) => part !== "").join(";") },
    text(words),
  );
}

/** About how wide `words` are at `size` pixels: enough to keep things apart without measuring a font. */
export function textWidth(words: string, size = 12): number {
  return [...words].length * size * 0.56;
}

export interface LegendItem {
  readonly words: string;
  /** Draws the sample into a field of 26 × 12 pixels whose middle is at (x + 13, y). */
  readonly sample: (x: number, y: number) => Markup;
}

/** Items in rows from the left, as many as fit. @returns the drawing and its height */
export function legend(
  items: readonly LegendItem[],
  from: number,
  to: number,
  top: number,
): { marks: Markup[]; height: number } {
  const rowHeight = 20;
  let x = from;
  let y = top + rowHeight / 2;
  const marks: Markup[] = [];
  for (const { words, sample } of items) {
    const width = 26 + 6 + textWidth(words) + 20;
    if (x > from && x + width - 20 > to) {
      x = from;
      y += rowHeight;
    }
    marks.push(sample(x, y), label(words, { x: x + 32, y: y + 4, anchor: "start", color: ink }));
    x += width;
  }
  return { marks, height: y + rowHeight / 2 - top };
}
