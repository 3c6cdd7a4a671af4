import { ink, muted, paper } from "./palette.js";
import { axes, figureElement, label } from "./plot-frame.js";
import { linearScale, niceDomain, type Scale } from "./scales.js";
import { element, type Markup, text } from "./svg.js";
import { percent, settingText, shortPercent } from "./words.js";

/** What a box plot draws of one quantity. */
export interface BoxPlot {
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly lowerWhisker: number;
  readonly upperWhisker: number;
  readonly outliers: readonly number[];
}

/** A cell of p̂ space, as `describeClusters` of error-target-clustering describes it. */
export interface ClusterBoxes {
  /** p̃e of the cell, a fraction */
  readonly errorRate: number;
  readonly count: number;
  /** In nats; null where the cell is empty, like the next. */
  readonly entropy: BoxPlot | null;
  readonly labelProbability: BoxPlot | null;
}

export interface ClusterBoxFigureOptions {
  readonly dataset: string;
  /** Bits of the blocks, "8-7-6". */
  readonly path: string;
  readonly quantity: "entropy" | "labelProbability";
  /** In the order to draw them. */
  readonly clusters: readonly ClusterBoxes[];
}

const width = 760;
const left = 52;
const right = 22;
const top = 44;
const plotHeight = 260;
const color = "var(--quee, #0a5fb4)";

const quantities = {
  entropy: { name: "entropy of p̂", axis: "entropy of p̂, in nats", format: settingText },
  labelProbability: {
    name: "p̂ of the true class",
    axis: "predicted probability of the true class",
    format: shortPercent,
  },
} as const;

/** One box per cell of one path: figures 5A, 5B and 6 to 8 of the paper. */
export function clusterBoxFigure(options: ClusterBoxFigureOptions): string {
  const { dataset, path, quantity, clusters } = options;
  const { name, axis, format } = quantities[quantity];
  const box = { left, right: width - right, top, bottom: top + plotHeight };
  const highest = clusters.flatMap((cluster) => endsOf(cluster[quantity])).reduce((a, b) => Math.max(a, b), 0);
  const domain = quantity === "entropy" ? niceDomain(0, highest > 0 ? highest : 1, 6) : ([0, 1] as const);
  const y = linearScale(domain, [box.bottom, box.top], 6);
  const step = (box.right - box.left) / Math.max(1, clusters.length);
  const middle = (i: number) => box.left + (i + 0.5) * step;
  // As many p̃e as can be read: each needs its width.
  const every = Math.ceil(38 / step);
  const noTicks = Object.assign(() => 0, { domain: [0, 1] as const, ticks: [] });
  const cells = `${clusters.length} ${clusters.length === 1 ? "cell" : "cells"}`;

  return figureElement(
    { width, height: box.bottom + 54 },
    { title: `${name} in the cells of path ${path} on ${dataset}`, description: `${cells} as box plots` },
    ...axes(
      box,
      { scale: noTicks, label: `p̃e of each of the ${cells} of path ${path} on ${dataset}`, format: () => "" },
      { scale: y, label: axis, format },
    ),
    ...clusters.flatMap((cluster, i) => boxMarks(cluster, cluster[quantity], { x: middle(i), step }, y, format)),
    ...clusters.flatMap(({ errorRate }, i) =>
      i % every === 0
        ? [label(percent(errorRate, 0), { x: middle(i), y: box.bottom + 17, anchor: "middle", color: ink, size: 11 })]
        : [],
    ),
  );
}

function endsOf(plot: BoxPlot | null): readonly number[] {
  return plot === null ? [] : [plot.upperWhisker, ...plot.outliers];
}

function boxMarks(
  { errorRate, count }: ClusterBoxes,
  plot: BoxPlot | null,
  { x, step }: { readonly x: number; readonly step: number },
  y: Scale,
  format: (value: number) => string,
): readonly Markup[] {
  if (plot === null) return [];
  const half = Math.min(13, Math.max(1.5, step * 0.34));
  const stem = (from: number, to: number) =>
    element("line", { x1: x, x2: x, y1: y(from), y2: y(to), style: `stroke:${muted}` });
  const cap = (at: number) =>
    element("line", { x1: x - half / 2, x2: x + half / 2, y1: y(at), y2: y(at), style: `stroke:${muted}` });
  const words = [
    `p̃e ${percent(errorRate)}, ${count} ${count === 1 ? "image" : "images"}`,
    `median ${format(plot.median)}, half of them from ${format(plot.lowerQuartile)} to ${format(plot.upperQuartile)}`,
  ].join("\n");
  // Outliers that fall on one pixel are one dot.
  const dots = [...new Set(plot.outliers.map((value) => Math.round(y(value))))];
  return [
    ...dots.map((cy) => element("circle", { cx: x, cy, r: 1.4, style: `fill:${muted};fill-opacity:.45` })),
    stem(plot.lowerWhisker, plot.lowerQuartile),
    stem(plot.upperQuartile, plot.upperWhisker),
    cap(plot.lowerWhisker),
    cap(plot.upperWhisker),
    element(
      "rect",
      {
        x: x - half,
        width: 2 * half,
        y: y(plot.upperQuartile),
        height: y(plot.lowerQuartile) - y(plot.upperQuartile),
        "data-tip": "",
        style: `fill:${color};fill-opacity:.28;stroke:${color}`,
      },
      element("title", {}, text(words)),
    ),
    // The median on a rim of paper, so that it shows in a box of any height.
    ...[`stroke:${paper};stroke-width:4`, `stroke:${color};stroke-width:2`].map((style) =>
      element("line", { x1: x - half, x2: x + half, y1: y(plot.median), y2: y(plot.median), style }),
    ),
  ];
}
