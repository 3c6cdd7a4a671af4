import { type CostTable, costOf, type Path } from "@quee/core";
import { savingsFigure } from "@quee/report";
import { operatingPointForBudget } from "@quee/router";
import { type Analysis, figureOf, tableOf } from "../analysis.js";

/** What each class is spared by depth and by width. */
export const classes: Analysis = {
  name: "classes",
  title: "Bits and exits by class",
  source: "QuEE (arXiv 2406.14404), figure 1",
  version: 1,
  async run(bench) {
    const { letter, seeds, range, opened } = bench;
    const [seed = 0] = seeds;
    const router = await bench.router(letter, seed);
    const { choose, test } = bench.parts(seed);
    const costs = bench.costs(router.gateMacs);
    const whole = Math.max(...router.paths.map((path) => costOf(costs, path)));
    const [most] = bench.whole;
    if (most === undefined) throw new RangeError("a network has blocks");
    const budget = (range.from + range.to) / 2;
    const outcome = await bench.outcome(letter, seed);
    const settings = outcome.points.map((point) => ({ ...point.choose, setting: point.lambda }));
    const lambda = operatingPointForBudget(settings, budget)?.setting ?? 0;
    const { pathIndex } = router.routes(test)(lambda);
    const taken = Array.from(pathIndex, (p) => router.paths[p] as Path);
    const rows = opened.dataset.test.classNames.map((name, k) => {
      const own = taken.filter((_, i) => test.labels[i] === k);
      const spared = own.map((path) => savingsOf(path, costs, whole, most));
      const meanOf = (part: "byExit" | "byBits") =>
        spared.reduce((sum, one) => sum + one[part], 0) / Math.max(1, own.length);
      const meanBits = own.reduce((sum, path) => sum + path.reduce((all, b) => all + b, 0) / path.length, 0);
      const meanExit = own.reduce((sum, path) => sum + path.length, 0);
      return {
        ...{ name, byExit: meanOf("byExit"), byBits: meanOf("byBits"), images: own.length },
        ...{ meanBits: meanBits / Math.max(1, own.length), meanExit: meanExit / Math.max(1, own.length) },
      };
    });
    const [byExit, byBits] = [largest(rows, "byExit"), largest(rows, "byBits")];
    return {
      text: [
        `At λ = ${lambda.toPrecision(3)}, chosen on ${choose.count} validation images for ${Math.round(100 * budget)} % of the cost: early exits spare most on ${byExit}, fewer bits on ${byBits}.`,
      ],
      figures: figureOf(
        "savings",
        "Leaving early: cost of the blocks that did not run, at the most bits. Fewer bits: what those that ran cost less than at the most bits.",
        savingsFigure(rows, { title: "What each class is spared, by depth and by width" }),
      ),
      tables: [
        tableOf(
          "classes",
          "Test images.",
          ["class", "#images", "%spared by exits", "%spared by bits", "#mean exit", "#mean bits"],
          rows.map((row) => [row.name, row.images, row.byExit, row.byBits, row.meanExit, row.meanBits]),
        ),
      ],
      data: { lambda, budget, classes: rows },
    };
  },
};

/** Both add up to what the path costs less than the whole network. */
export function savingsOf(path: Path, costs: CostTable, whole: number, most: Path[number]) {
  const sameDepth = costOf(
    costs,
    path.map(() => most),
  );
  return { byExit: whole - sameDepth, byBits: sameDepth - costOf(costs, path) };
}

/** Names of the three classes with most of it. */
function largest<Row extends { readonly name: string }>(rows: readonly Row[], part: keyof Row): string {
  const sorted = rows.toSorted((a, b) => Number(b[part]) - Number(a[part]));
  return sorted
    .slice(0, 3)
    .map(({ name }) => name)
    .join(", ");
}
