import { ink, rivalColor, rule } from "./palette.js";
import { axes, figureElement, label, legend } from "./plot-frame.js";
import { linearScale, niceDomain } from "./scales.js";
import { element, type Markup, text } from "./svg.js";
import { shortPercent, withUnitPrefix } from "./words.js";

/** A block at a level: what BitOPs say of it and what a clock says, per image. */
export interface BlockTime {
  /** 1 … E */
  readonly block: number;
  readonly bits: number;
  readonly bitOps: number;
  readonly milliseconds: number;
}

const width = 760;
const left = 126;
const right = 120;
const rowHeight = 34;
const barHeight = 11;
const bitOpsColor = "var(--quee, #0a5fb4)";

/**
 * BitOPs beside measured time, each as a share of the same block at its most bits: where a lower level saves operations and no
 * time, the second bar stays long. Null where no block was measured at two levels.
 * @param where processor, batch size and threads, for the caption
 */
export function bitOpsTimeFigure(times: readonly BlockTime[], where: string): string | null {
  const rows = sharesOf(times);
  const worst = widestGap(rows);
  if (worst === null) return null;
  const timeColor = rivalColor(0);
  const bar = (color: string) => (x: number, y: number) =>
    element("rect", { x, y: y - barHeight / 2, width: 26, height: barHeight, style: `fill:${color}` });
  const head = legend(
    [
      { words: "BitOPs", sample: bar(bitOpsColor) },
      { words: "measured time", sample: bar(timeColor) },
    ],
    left,
    width - 20,
    10,
  );
  const top = 10 + head.height + 44;
  const box = { left, right: width - right, top, bottom: top + rows.length * rowHeight };
  const most = Math.max(...rows.flatMap(({ bitOpsShare, timeShare }) => [bitOpsShare, timeShare]));
  const x = linearScale(niceDomain(0, most, 6), [box.left, box.right], 6);
  const none = Object.assign(() => box.bottom, { domain: [0, 0] as const, ticks: [] });
  return figureElement(
    { width, height: box.bottom + 54 },
    { title: "BitOPs beside measured time", description: `${worst} ${where}` },
    ...head.marks,
    label(worst, { x: 12, y: top - 18, anchor: "start", color: ink }),
    ...axes(
      box,
      { scale: x, label: `share of the same block at its most bits; ${where}`, format: shortPercent },
      { scale: none, label: "", format: String },
    ),
    ...rows.flatMap((row, r) => rowMarks(row, box.top + r * rowHeight, x, timeColor)),
  );
}

interface Row extends BlockTime {
  readonly bitOpsShare: number;
  readonly timeShare: number;
}

function sharesOf(times: readonly BlockTime[]): readonly Row[] {
  const sorted = [...times].sort((a, b) => a.block - b.block || b.bits - a.bits);
  return sorted.map((row) => {
    const full = sorted.find(({ block }) => block === row.block) ?? row;
    return { ...row, bitOpsShare: row.bitOps / full.bitOps, timeShare: row.milliseconds / full.milliseconds };
  });
}

/** The level whose time is furthest above its BitOPs, in a sentence; null without lower levels. */
function widestGap(rows: readonly Row[]): string | null {
  const lower = rows.filter(({ bitOpsShare }) => bitOpsShare < 1);
  const [widest] = lower.sort((a, b) => b.timeShare - b.bitOpsShare - (a.timeShare - a.bitOpsShare));
  if (widest === undefined) return null;
  const { block, bits, bitOpsShare, timeShare } = widest;
  return `Furthest apart: block ${block} at ${bits} bits has ${shortPercent(bitOpsShare)} of the BitOPs and takes ${shortPercent(timeShare)} of the time.`;
}

function rowMarks(row: Row, top: number, x: (share: number) => number, timeColor: string): readonly Markup[] {
  const { block, bits, bitOps, milliseconds, bitOpsShare, timeShare } = row;
  const middle = top + rowHeight / 2;
  const words = `block ${block} at ${bits} bits`;
  const exact = `${withUnitPrefix(bitOps, "BitOPs")}, ${milliseconds.toPrecision(3)} ms`;
  const bar = (share: number, y: number, color: string) =>
    element(
      "rect",
      { x: x(0), y, width: x(share) - x(0), height: barHeight, "data-tip": "", style: `fill:${color}` },
      element("title", {}, text(`${words}\n${exact}`)),
    );
  return [
    element("line", { x1: 12, x2: width - 12, y1: top, y2: top, style: `stroke:${rule}` }),
    label(words, { x: left - 10, y: middle + 4, anchor: "end", color: ink }),
    bar(bitOpsShare, middle - barHeight - 1, bitOpsColor),
    bar(timeShare, middle + 1, timeColor),
    label(`${milliseconds.toPrecision(3)} ms`, { x: width - 20, y: middle + 4, anchor: "end", color: ink }),
  ];
}
