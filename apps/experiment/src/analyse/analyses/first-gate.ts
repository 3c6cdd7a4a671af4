import { areaUnderCurve, type CostRange, mean } from "@quee/metrics";
import { curvesFigure } from "@quee/report";
import { type Analysis, figureOf, tableOf } from "../analysis.js";
import { freeFirstTables } from "../first-gate-tables.js";
import { type FirstGateCurve, firstGateCurves } from "../first-gate-ways.js";
import { accuracyAlong } from "../outcome.js";
import { meanOfCurves, pointsText, spreadOf } from "../over-seeds.js";

/** A first gate that may choose the bits of block 1, for all images alike, against one that always takes the most. */
export const firstGate: Analysis = {
  name: "first-gate",
  title: "A first gate that chooses",
  source:
    "QuEE (arXiv 2406.14404), section 4 (equation 7: the first gate sees nothing) against section 5.1 (always the most bits)",
  version: 3,
  async run(bench, onProgress) {
    const { opened, seeds, range } = bench;
    const space = { ...bench.space, firstBlock: "any" as const };
    const tables = await freeFirstTables(opened, space, (done, total) => onProgress(done, total, "images"));
    const bySeed: (readonly FirstGateCurve[])[] = [];
    for (const seed of seeds) {
      bySeed.push(await firstGateCurves(bench, tables, space, seed));
      onProgress(bySeed.length, seeds.length, "seeds");
    }
    const ways = (bySeed[0] ?? []).map(({ name }, way) => {
      const curves = bySeed.flatMap((all) => all[way] ?? []);
      return { name, curves, areas: curves.map((curve) => areaOf(curve, range)) };
    });
    const [fixed, , free, together] = ways;
    const gainOf = (way: typeof fixed) => gainsOver(fixed?.areas ?? [], way?.areas ?? []);
    const used = [...new Set(free?.curves.flatMap(({ points }) => points.map(({ bits }) => bits)) ?? [])];
    const overRange = `costs from ${Math.round(100 * range.from)} to ${Math.round(100 * range.to)} %`;
    return {
      text: [
        `Choosing the bits of block 1 by what routing makes of them changes mean top-1 over ${overRange} by ${gainOf(free)} points, choosing them together with λ by ${gainOf(together)}, ${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"}; along the curve it takes ${used.sort((a, b) => b - a).join(", ")} bits.`,
      ],
      figures: figureOf(
        "curves",
        `Means over ${seeds.length} seeds, with 95 % intervals where there are several; gates learnt on held-out images, where paths of every first level are known. Settings chosen on validation images.`,
        curvesFigure(
          ways.map(({ name, curves }) => ({
            name,
            points: meanOfCurves(
              curves.map(({ points }) => points),
              range,
            ),
          })),
          {
            title: "A first gate that chooses against one that does not",
            costLabel: bench.costWords,
            reference: { name: "whole network at the most bits", top1: accuracyAlong(tables.test, bench.whole) },
          },
        ),
      ),
      tables: [
        tableOf(
          "areas",
          `Means over seeds on test images: mean top-1 over ${overRange}, its gain with a 95 % interval, and the cheapest point.`,
          ["first gate", "%mean top-1", "points against the first", "%least cost", "%top-1 there"],
          ways.map(({ name, curves, areas }, row) => [
            name,
            areas.includes(null) ? null : mean(areas.map(Number)),
            row === 0 ? "" : gainsOver(fixed?.areas ?? [], areas),
            mean(curves.map(({ points }) => points[0]?.cost ?? Number.NaN)),
            mean(curves.map(({ points }) => points[0]?.top1 ?? Number.NaN)),
          ]),
        ),
      ],
      data: ways.map(({ name, curves, areas }) => ({
        ...{ name, areas },
        curves: curves.map(({ points }) => points.map((point) => ({ ...point }))),
      })),
    };
  },
};

function areaOf({ points }: FirstGateCurve, { from, to }: CostRange): number | null {
  const area = areaUnderCurve(points, { from, to });
  return area === null ? null : area / (to - from);
}

/** Paired by seed, in points; – where a curve begins later than the range. */
function gainsOver(before: readonly (number | null)[], after: readonly (number | null)[]): string {
  const gains = after.map((area, s) => (area === null ? Number.NaN : area - (before[s] ?? Number.NaN)));
  return gains.some(Number.isNaN) ? "–" : pointsText(spreadOf(gains));
}
