import { legalPaths } from "@quee/core";
import { seedStability } from "@quee/error-target-clustering";
import { type Analysis, tableOf } from "../analysis.js";

/** How much cells and targets depend on the random starts. */
export const stability: Analysis = {
  name: "stability",
  title: "Cells over seeds",
  source: "QuEE (arXiv 2406.14404), section 7.1.4: ten random starts, the least inertia",
  version: 1,
  async run(bench, onProgress) {
    const { letter, opened, space, run } = bench;
    const seeds = [0, 1, 2].map((s) => run.config.seed + s);
    const { validation } = opened.tables;
    const { count, restarts, shrinkage } = letter.cells;
    const ways = [
      {
        name: `K ${count}, random, ${restarts} starts`,
        clusterCount: count,
        restarts,
        initialization: "random" as const,
      },
      { name: `K ${count}, random, 1 start`, clusterCount: count, restarts: 1, initialization: "random" as const },
      { name: `K ${count}, k-means++, 1 start`, clusterCount: count, restarts: 1, initialization: "kmeans++" as const },
      { name: `K 5, random, ${restarts} starts`, clusterCount: 5, restarts, initialization: "random" as const },
    ];
    const rows = [];
    for (const { name, ...way } of ways) {
      const found = await seedStability({
        ...{ table: { ...validation, paths: legalPaths(space) }, ...way, shrinkage, seeds },
        ...{ lloyd: await bench.lloyd(), signal: run.signal },
      });
      rows.push({ name, ...found, byPath: found.byPath.map((one) => ({ ...one })) });
      onProgress(rows.length, ways.length, "ways");
    }
    const [own] = rows;
    return {
      text: [
        `With the configured starts, two seeds give targets that differ by ${(100 * (own?.targetDifference ?? 0)).toFixed(2)} points on average, and cells whose adjusted Rand index is ${(own?.adjustedRand ?? 0).toFixed(2)}.`,
      ],
      figures: [],
      tables: [
        tableOf(
          "stability",
          `Three seeds on all ${validation.count} validation images; means over pairs of seeds and paths.`,
          ["clustering", "%mean |Δp̃e|", "#adjusted Rand index", "%spread of inertia"],
          rows.map(({ name, targetDifference, adjustedRand, inertiaSpread }) => [
            name,
            targetDifference,
            adjustedRand,
            inertiaSpread,
          ]),
        ),
      ],
      data: rows,
    };
  },
};
