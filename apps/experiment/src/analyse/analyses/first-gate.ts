import { type Bits, legalPaths } from "@quee/core";
import { pathCostTable } from "@quee/cost-model";
import { areaUnderCurve, upperEnvelope } from "@quee/metrics";
import { correctAlong, type PathTable } from "@quee/path-tables";
import { curvesFigure } from "@quee/report";
import { firstBitsByErrorRate, firstBitsByRouting, foresee, lambdaGrid, sweepLambda } from "@quee/router";
import { levelsOf } from "../../run/run.js";
import { dealt } from "../../stages/gate-choices.js";
import { type Analysis, figureOf, tableOf } from "../analysis.js";
import { freeFirstTables } from "../first-gate-tables.js";
import { changed, heldOut } from "../recipe.js";
import { routerOf } from "../router-of.js";

/** A first gate that may choose the bits of block 1, for all images alike, against one that always takes the most. */
export const firstGate: Analysis = {
  name: "first-gate",
  title: "A first gate that chooses",
  source:
    "QuEE (arXiv 2406.14404), section 4 (equation 7: the first gate sees nothing) against section 5.1 (always the most bits)",
  version: 1,
  async run(bench, onProgress) {
    const { opened, run, letter, seeds } = bench;
    const [seed = 0] = seeds;
    const space = { ...bench.space, firstBlock: "any" as const };
    const levels = levelsOf(run.config);
    const most = levels[0] as Bits;
    const tables = await freeFirstTables(opened, space, (done, total) => onProgress(done, total, "images"));
    const [fit, choose] = dealt(tables.validation, 1 / 2, seed, "halves of validation images");
    const parts = { train: opened.tables.train, fit, choose, test: tables.test };
    const paths = legalPaths(space);
    const costs = (gateMacs: readonly number[]) =>
      pathCostTable({ macs: opened.prepared.anatomy.macs, gateMacs, paths, levels, model: run.config.cost.model });
    // Training images have no such paths; held-out ones have, and these gates learn on them.
    const recipe = changed(letter, heldOut);
    const lloyd = await bench.lloyd();
    const router = await routerOf({ recipe, parts, space, routingCosts: costs, seed, lloyd, signal: run.signal });
    const gates = router.wholePaths?.gates;
    if (gates === undefined) throw new RangeError("whole paths have gates");
    const price = costs(router.gateMacs);
    const foreseen = <Role extends PathTable["role"]>(table: PathTable<Role>) =>
      foresee((view) => gates.predict(view), table, { space });
    const [onChoose, onTest] = [foreseen(choose), foreseen(tables.test)];
    const sweeps = new Map(
      levels.map((firstBits) => [
        firstBits,
        {
          choose: sweepLambda(onChoose, { costs: price, firstBits }),
          test: sweepLambda(onTest, { costs: price, firstBits }),
        },
      ]),
    );
    const ofChoose = new Map(Array.from(sweeps, ([bits, sweep]) => [bits, sweep.choose]));
    const ways: readonly (readonly [string, (lambda: number) => Bits])[] = [
      ["always the most bits", () => most],
      ["by the error rate of paths", (lambda) => firstBitsByErrorRate(onChoose, { costs: price, lambda })],
      ["by what routing makes of it", (lambda) => firstBitsByRouting(ofChoose, lambda)],
    ];
    const rows = ways.map(([name, bitsAt]) => {
      const settings = [...lambdaGrid(), 1e6].map((lambda) => {
        const bits = bitsAt(lambda);
        return { lambda, bits, ...ofChoose.get(bits)?.pointAt(lambda) } as const;
      });
      const chosen = upperEnvelope(settings.map((one) => ({ ...one, cost: one.cost ?? 0, top1: one.top1 ?? 0 })));
      const points = chosen.map(({ lambda, bits }) => {
        const point = sweeps.get(bits)?.test.pointAt(lambda);
        return { lambda, bits, cost: point?.cost ?? 0, top1: point?.top1 ?? 0 };
      });
      return { name, points: points.sort((a, b) => a.cost - b.cost) };
    });
    const { from, to } = bench.range;
    const area = (points: (typeof rows)[number]["points"]) => {
      const whole = areaUnderCurve(points, { from, to });
      return whole === null ? null : whole / (to - from);
    };
    const [fixed, , free] = rows.map(({ points }) => area(points));
    const whole = correctAlong(tables.test, bench.whole).reduce((sum, hit) => sum + hit, 0) / tables.test.count;
    const used = [...new Set(rows[2]?.points.map(({ bits }) => bits) ?? [])].sort((a, b) => b - a);
    return {
      text: [
        `Choosing the bits of block 1 by what routing makes of them changes mean top-1 from ${shown(fixed)} to ${shown(free)}; along the curve it takes ${used.join(", ")} bits.`,
      ],
      figures: figureOf(
        "curves",
        "First seed; gates learnt on held-out images, where paths of every first level are known. Settings chosen on validation images.",
        curvesFigure(rows, {
          title: "A first gate that chooses against one that does not",
          costLabel: bench.costWords,
          reference: { name: "whole network at the most bits", top1: whole },
        }),
      ),
      tables: [
        tableOf(
          "areas",
          `Mean top-1 on test images over costs from ${Math.round(100 * from)} to ${Math.round(100 * to)} %, and the cheapest point.`,
          ["first gate", "%mean top-1", "%least cost", "%top-1 there"],
          rows.map(({ name, points }) => [name, area(points), points[0]?.cost ?? null, points[0]?.top1 ?? null]),
        ),
      ],
      data: rows,
    };
  },
};

function shown(area: number | null | undefined): string {
  return area === null || area === undefined ? "–" : `${(100 * area).toFixed(2)} %`;
}
