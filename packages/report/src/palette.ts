import type { Curve } from "./results-schema.js";

/**
 * Colours that stay apart for colour-blind eyes (blue, vermilion, green, purple, amber of similar weight). Each is a CSS
 * variable, so a page can give it a dark twin; the value after it is what a stand-alone SVG shows.
 */
export const ink = "var(--ink, #1d1d1b)";
export const muted = "var(--muted, #6b6a66)";
export const rule = "var(--rule, #e3e0d9)";
export const paper = "var(--figure-paper, #ffffff)";
export const fontFamily =
  "var(--figure-font, system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif)";

export type MarkerShape = "circle" | "square" | "diamond" | "triangle";

export interface MethodStyle {
  readonly color: string;
  readonly marker: MarkerShape;
  /** SVG dash pattern; undefined is a whole line. */
  readonly dash: string | undefined;
  /** Settings of these are few and far apart: labelled points, no line. */
  readonly isPoints: boolean;
}

const quee = "var(--quee, #0a5fb4)";
const staticPoints = "var(--static, #5c5a55)";
const rivals = [
  "var(--rival-1, #c8501e)",
  "var(--rival-2, #00795c)",
  "var(--rival-3, #9c4598)",
  "var(--rival-4, #94740a)",
  "var(--rival-5, #3a7d99)",
] as const;
/** Of the i-th that stands beside the main one. */
export function rivalColor(i: number): string {
  return cycle(rivals, i);
}

const rivalMarkers = ["triangle", "diamond", "circle"] as const;
const dashes = ["7 4", "2 3", "9 3 2 3"] as const;

/** QuEE is the thick blue line, static bit-widths are grey squares, the rest follow in their order. */
export function methodStyles(curves: readonly Curve[]): ReadonlyMap<Curve, MethodStyle> {
  const styles = new Map<Curve, MethodStyle>();
  const seen = new Map<string, number>();
  let nextRival = 0;
  for (const curve of curves) {
    const twins = seen.get(curve.method) ?? 0;
    seen.set(curve.method, twins + 1);
    if (curve.method === "quee") {
      styles.set(curve, {
        color: quee,
        marker: "circle",
        dash: twins === 0 ? undefined : cycle(dashes, twins),
        isPoints: false,
      });
    } else if (curve.method === "static-ptq") {
      styles.set(curve, {
        color: staticPoints,
        marker: twins === 0 ? "square" : "diamond",
        dash: undefined,
        isPoints: true,
      });
    } else {
      const i = nextRival++;
      styles.set(curve, {
        color: cycle(rivals, i),
        marker: cycle(rivalMarkers, i),
        dash: cycle(dashes, i),
        isPoints: false,
      });
    }
  }
  return styles;
}

const exitStops = ["#6ec5b0", "#3d8fc6", "#6d5bc0"] as const;

/** Early exits are teal, late ones violet; lightness falls too, so the order shows without colour. */
export function exitColor(exit: number, exitCount: number): string {
  const position = exitCount === 1 ? 0 : (exit / (exitCount - 1)) * (exitStops.length - 1);
  const from = Math.min(Math.floor(position), exitStops.length - 2);
  return mix(exitStops[from] as string, exitStops[from + 1] as string, position - from);
}

/** Fewer bits are paler. @param level index among the levels, most bits first */
export function levelOpacity(level: number, levelCount: number): number {
  return levelCount === 1 ? 1 : 1 - (0.68 * level) / (levelCount - 1);
}

function mix(from: string, to: string, share: number): string {
  const channel = (hex: string, i: number): number => Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  const channels = [0, 1, 2].map((i) => Math.round(channel(from, i) * (1 - share) + channel(to, i) * share));
  return `#${channels.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function cycle<T>(items: readonly T[], i: number): T {
  return items[i % items.length] as T;
}
