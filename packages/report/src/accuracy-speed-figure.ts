import { assertNever } from "@quee/core";
import { type NamedMark, type NamePlace, namePlaces, type Segment } from "./name-places.js";
import { ink, muted, paper, rivalColor } from "./palette.js";
import { axes, type Box, figureElement, label, legend } from "./plot-frame.js";
import { linearScale, niceDomain, type Scale } from "./scales.js";
import { element, type Markup, polyline, text } from "./svg.js";
import { grouped, percent, shortPercent } from "./words.js";

/** How fast and how accurate something was on the same images. */
export interface SpeedPoint {
  readonly name: string;
  /** Over the rounds. */
  readonly imagesPerSecond: { readonly median: number; readonly least: number; readonly most: number };
  /** A fraction. */
  readonly top1: number;
  /** Gates route images; the whole network runs for each; another rule decides when to leave. */
  readonly kind: "routed" | "whole" | "rival";
  /** Full precision: a line lies one point below it. */
  readonly isReference?: boolean;
}

const width = 760;
const left = 56;
const right = 22;
const plotHeight = 330;
const radius = 5;
/** Accuracy that a routed one may lose, as a fraction. */
const mayLose = 0.01;

const styles = {
  whole: { color: "var(--static, #5c5a55)", words: "whole network" },
  rival: { color: rivalColor(0), words: "another exit rule" },
  routed: { color: "var(--quee, #0a5fb4)", words: "routed by gates" },
} as const;
const kinds = ["routed", "whole", "rival"] as const;

/**
 * Accuracy against images per second, a name beside every mark. Null where nothing was measured.
 * @param caption batch size, threads and processor
 */
export function accuracySpeedFigure(points: readonly SpeedPoint[], caption: string): string | null {
  if (points.length === 0) return null;
  const reference = points.find(({ isReference }) => isReference === true);
  const limit = reference === undefined ? null : reference.top1 - mayLose;
  const head = legend(
    [
      ...kinds
        .filter((kind) => points.some((point) => point.kind === kind))
        .map((kind) => ({ words: styles[kind].words, sample: (x: number, y: number) => sample(kind, x, y) })),
      ...(limit === null
        ? []
        : [
            {
              words: `${100 * mayLose} point below full precision`,
              sample: (x: number, y: number) => limitLine(x, x + 26, y),
            },
          ]),
    ],
    left,
    width - right,
    10,
  );
  const box = { left, right: width - right, top: 10 + head.height + 38, bottom: 0 };
  box.bottom = box.top + plotHeight;
  const fastest = Math.max(...points.map(({ imagesPerSecond }) => imagesPerSecond.most));
  const x = linearScale(niceDomain(0, fastest, 8), [box.left, box.right], 8);
  const y = linearScale(accuracyDomain(points, limit), [box.bottom, box.top], 6);
  return figureElement(
    { width, height: box.bottom + 72 },
    {
      title: "Accuracy against speed",
      description: `${points.map((point) => wordsOf(point).replaceAll("\n", ", ")).join("; ")}. ${caption}`,
    },
    ...head.marks,
    ...axes(
      box,
      { scale: x, label: "images per second: median, least and most of the rounds", format: String },
      { scale: y, label: "top-1 accuracy on test images", format: shortPercent },
    ),
    label(caption, { x: (box.left + box.right) / 2, y: box.bottom + 58, anchor: "middle" }),
    ...(limit === null ? [] : [limitLine(box.left, box.right, y(limit))]),
    ...points.map((point) => whisker(point, x, y)),
    ...named(points, x, y, box),
  );
}

/** Holds all points and the limit, with some air; nobody is better than all right or worse than all wrong. */
function accuracyDomain(points: readonly SpeedPoint[], limit: number | null): readonly [number, number] {
  const values = [...points.map(({ top1 }) => top1), ...(limit === null ? [] : [limit])];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const air = Math.max(0.002, 0.08 * (most - least));
  const [low, high] = niceDomain(least - air, most + air, 6);
  return [Math.min(least, Math.max(0, low)), Math.min(1, high)];
}

/** Marks and names; above everything else. */
function named(points: readonly SpeedPoint[], x: Scale, y: Scale, box: Box): readonly Markup[] {
  const marks = points.map((point) => ({ name: point.name, x: x(point.imagesPerSecond.median), y: y(point.top1) }));
  const lines = points.map((point) => whiskerOf(point, x, y));
  const places = namePlaces(marks, { within: { ...box, right: width - 6 }, lines, markSize: 2 * radius + 2 });
  const leader = ([[x1, y1], [x2, y2]]: Segment) =>
    element("line", { x1, y1, x2, y2, style: `stroke:${muted};stroke-width:.75` });
  return [
    ...places.flatMap((place) => (place.leader === null ? [] : [leader(place.leader)])),
    ...points.map((point, p) => {
      const { x: px, y: py } = marks[p] as NamedMark;
      return mark(point.kind, px, py, wordsOf(point));
    }),
    ...points.map(({ name, kind }, p) => {
      const { x: px, y: py } = places[p] as NamePlace;
      return label(name, { x: px, y: py, anchor: "start", color: styles[kind].color, halo: true });
    }),
  ];
}

function whiskerOf({ imagesPerSecond: { least, most }, top1 }: SpeedPoint, x: Scale, y: Scale): Segment {
  return [
    [x(least), y(top1)],
    [x(most), y(top1)],
  ];
}

function whisker(point: SpeedPoint, x: Scale, y: Scale): Markup {
  const [[from, at], [to]] = whiskerOf(point, x, y);
  const cap = 3;
  const end = (where: number) =>
    polyline([
      [where, at - cap],
      [where, at + cap],
    ]);
  const d = `${end(from)}${polyline([
    [from, at],
    [to, at],
  ])}${end(to)}`;
  return element("path", { d, style: `fill:none;stroke:${styles[point.kind].color};stroke-width:1;stroke-opacity:.7` });
}

function limitLine(from: number, to: number, at: number): Markup {
  const style = `stroke:${ink};stroke-width:1`;
  return element("line", { x1: from, x2: to, y1: at, y2: at, "stroke-dasharray": "6 4", style });
}

/** A circle, a square or a triangle, so that kinds are told apart without colour. */
function mark(kind: SpeedPoint["kind"], x: number, y: number, words?: string): Markup {
  const attributes = {
    style: `fill:${styles[kind].color};stroke:${paper};stroke-width:1.25`,
    ...(words === undefined ? {} : { "data-tip": "", "data-x": x, "data-y": y }),
  };
  const told = words === undefined ? [] : [element("title", {}, text(words))];
  switch (kind) {
    case "routed":
      return element("circle", { cx: x, cy: y, r: radius, ...attributes }, ...told);
    case "whole": {
      const square = { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
      return element("rect", { ...square, ...attributes }, ...told);
    }
    case "rival": {
      const corners = [
        [x, y - 1.2 * radius],
        [x + 1.2 * radius, y + radius],
        [x - 1.2 * radius, y + radius],
      ] as const;
      return element("path", { d: `${polyline(corners)}Z`, ...attributes }, ...told);
    }
    default:
      return assertNever(kind);
  }
}

function sample(kind: SpeedPoint["kind"], x: number, y: number): Markup {
  return mark(kind, x + 13, y);
}

function wordsOf({ name, imagesPerSecond: { median, least, most }, top1 }: SpeedPoint): string {
  return `${name}\n${grouped(median)} images per second (${grouped(least)}–${grouped(most)})\ntop-1 ${percent(top1)}`;
}
