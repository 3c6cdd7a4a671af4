import { exitColor, ink, levelOpacity, muted, paper } from "./palette.js";
import { axes, figureElement, label, legend } from "./plot-frame.js";
import type { Curve, CurvePoint, Results } from "./results-schema.js";
import { linearScale } from "./scales.js";
import { element, type Markup, text } from "./svg.js";
import { percent, settingText, shortPercent } from "./words.js";

const width = 760;
const left = 52;
const right = 22;
const plotHeight = 240;
const mostBars = 14;

/** One piece of a bar: the images that leave at `exit`, and, where known, whose last block ran at `level`. */
interface Piece {
  readonly exit: number;
  /** Index among the levels, most bits first. */
  readonly level: number | null;
  readonly share: number;
  readonly words: string;
}

/** Where images leave, and at how many bits, as λ grows: one stacked bar per λ of QuEE's curve, costly ones left. */
export function exitHistogramFigure(results: Results): string {
  const { exits, levels } = results.backbone;
  const curve = results.curves.find(({ method }) => method === "quee") ?? results.curves[0]!;
  const points = spreadByCost(curve, mostBars);
  const isSplit = points.some(({ pathShares }) => pathShares !== undefined);

  const samples = exits.map((layer, exit) => ({
    words: `exit ${exit + 1} (layer ${layer})`,
    sample: (x: number, y: number) =>
      element("rect", {
        x: x + 6,
        y: y - 6,
        width: 14,
        height: 12,
        rx: 2,
        style: `fill:${exitColor(exit, exits.length)}`,
      }),
  }));
  const shades = levels.map((bits, level) => ({
    words: `${bits} bits`,
    sample: (x: number, y: number) =>
      element("rect", {
        x: x + 6,
        y: y - 6,
        width: 14,
        height: 12,
        rx: 2,
        style: `fill:${muted};fill-opacity:${levelOpacity(level, levels.length)}`,
      }),
  }));
  const first = legend(samples, left, width - right, 10);
  const second = isSplit ? legend(shades, left, width - right, 10 + first.height) : { marks: [], height: 0 };
  const top = 10 + first.height + second.height + 38;
  const box = { left, right: width - right, top, bottom: top + plotHeight };
  const y = linearScale([0, 1], [box.bottom, box.top], 5);
  const step = (box.right - box.left) / points.length;
  const bars = points.flatMap((point, i) => bar(point, results, { x: box.left + i * step, step }, y));
  const noTicks = Object.assign(() => 0, { domain: [0, 1] as const, ticks: [] });

  return figureElement(
    { width, height: box.bottom + 66 },
    { title: `Where images leave, on ${results.dataset}`, description: "Share of test images per exit and bits, by λ" },
    ...first.marks,
    ...second.marks,
    ...axes(
      box,
      { scale: noTicks, label: "", format: () => "" },
      {
        scale: y,
        label: isSplit ? "share of images by exit, and by bits of the last block" : "share of images by exit",
        format: shortPercent,
      },
    ),
    ...bars,
    ...points.flatMap((point, i) => {
      const x = box.left + (i + 0.5) * step;
      return [
        label(settingText(point.setting), { x, y: box.bottom + 17, anchor: "middle", color: ink, size: 11 }),
        label(percent(point.cost, 0), { x, y: box.bottom + 34, anchor: "middle", size: 11 }),
        label(percent(point.top1, 0), { x, y: box.bottom + 51, anchor: "middle", size: 11 }),
      ];
    }),
    ...["λ", "cost", "top-1"].map((word, i) =>
      label(word, {
        x: box.left - 8,
        y: box.bottom + 17 + 17 * i,
        anchor: "end",
        size: 11,
        color: i === 0 ? ink : muted,
      }),
    ),
  );
}

function bar(
  point: CurvePoint,
  results: Results,
  place: { x: number; step: number },
  y: (share: number) => number,
): Markup[] {
  const { exits, levels } = results.backbone;
  const gap = Math.min(10, place.step * 0.22);
  let below = 0;
  return pieces(point, results).map(({ exit, level, share, words }) => {
    const bottom = y(below);
    below += share;
    const opacity = level === null ? 1 : levelOpacity(level, levels.length);
    return element(
      "rect",
      {
        x: place.x + gap / 2,
        width: place.step - gap,
        y: y(below),
        height: bottom - y(below),
        "data-tip": "",
        style: `fill:${exitColor(exit, exits.length)};fill-opacity:${opacity};stroke:${paper};stroke-width:.75`,
      },
      element("title", {}, text(`λ ${settingText(point.setting)}\n${words}: ${percent(share)} of images`)),
    );
  });
}

/** Earliest exit at the bottom; within an exit most bits first. */
function pieces(point: CurvePoint, { backbone }: Results): readonly Piece[] {
  const nameOf = (exit: number): string => `exit ${exit + 1} (layer ${backbone.exits[exit]})`;
  if (point.pathShares === undefined) {
    return point.exitHistogram
      .map((share, exit) => ({ exit, level: null, share, words: nameOf(exit) }))
      .filter(({ share }) => share > 0);
  }
  const byPlace = new Map<string, Piece>();
  for (const [path, share] of Object.entries(point.pathShares)) {
    const bits = path.split("-").map(Number);
    const exit = bits.length - 1;
    const level = backbone.levels.indexOf(bits[exit]!);
    const key = `${exit} ${level}`;
    const before = byPlace.get(key)?.share ?? 0;
    byPlace.set(key, {
      exit,
      level,
      share: before + share,
      words: `${nameOf(exit)}, last block at ${bits[exit]} bits`,
    });
  }
  return [...byPlace.values()]
    .filter(({ share }) => share > 0)
    .sort((a, b) => a.exit - b.exit || (a.level ?? 0) - (b.level ?? 0));
}

/** At most `count` points, evenly spread over the costs that occur, both ends included; costly first. */
function spreadByCost(curve: Curve, count: number): readonly CurvePoint[] {
  const sorted = [...curve.points].sort((a, b) => b.cost - a.cost);
  const [first] = sorted;
  const last = sorted.at(-1);
  if (first === undefined || last === undefined || sorted.length <= count) return sorted;
  const chosen = new Set<CurvePoint>();
  for (let i = 0; i < count; i++) {
    const target = first.cost + ((last.cost - first.cost) * i) / (count - 1);
    chosen.add(sorted.reduce((a, b) => (Math.abs(b.cost - target) < Math.abs(a.cost - target) ? b : a)));
  }
  return sorted.filter((point) => chosen.has(point));
}
