import { correctAlong } from "@quee/path-tables";
import { certifyLambda, violationRate } from "@quee/router";
import { randomStream } from "@quee/tensor";
import { type Analysis, tableOf } from "../analysis.js";

const tolerances = [0.005, 0.01, 0.02, 0.05];
const alpha = 0.1;
const resplits = 500;

/** λ with a guarantee, and what guarantees are worth. */
export const certificate: Analysis = {
  name: "certificate",
  title: "λ with a guarantee",
  source: "Learn-Then-Test (Angelopoulos et al., arXiv 2110.01052); past QuEE",
  version: 1,
  async run(bench, onProgress) {
    const { own, seeds } = bench;
    const [seed = 0] = seeds;
    const { wholePaths } = await bench.router(own, seed);
    if (wholePaths === null) throw new RangeError("certificates need a sweep");
    const { choose, test } = bench.parts(seed);
    const sweeps = { choose: wholePaths.sweepOf(choose), test: wholePaths.sweepOf(test) };
    const reference = { choose: correctAlong(choose, bench.whole), test: correctAlong(test, bench.whole) };
    const full = reference.test.reduce((sum, hit) => sum + hit, 0) / test.count;
    const rows = tolerances.map((tolerance, t) => {
      // `choose` is in random order, and nothing was fitted to it or chosen on it.
      const { lambda } = certifyLambda({ sweep: sweeps.choose, reference: reference.choose, tolerance, alpha });
      const point = lambda === null ? null : sweeps.test.pointAt(lambda);
      const random = randomStream(seed, "resplits");
      const rate = violationRate({ sweep: sweeps.test, reference: reference.test, tolerance, alpha, resplits, random });
      onProgress(t + 1, tolerances.length, "tolerances");
      return { tolerance, lambda, gap: point === null ? null : full - point.top1, cost: point?.cost ?? null, ...rate };
    });
    const most = Math.max(...rows.map(({ violationsOnAll }) => violationsOnAll));
    return {
      text: [
        `Over ${resplits} resplits of the test images, certificates at α = ${alpha} were wrong in at most ${(100 * most).toFixed(1)} % of the cases${most <= alpha ? ", as promised" : ": more than promised"}.`,
      ],
      figures: [],
      tables: [
        tableOf(
          "certificates",
          `Certified on the ${choose.count} validation images that nothing was fitted to, α = ${alpha}; gap and cost on test images.`,
          ["may lose", "#certified λ", "%loses on test", "%cost on test"],
          rows.map(({ tolerance, lambda, gap, cost }) => [`${100 * tolerance} points`, lambda, gap, cost]),
        ),
        tableOf(
          "violations",
          `Certified on a random half of the test images, ${resplits} times (evaluation only). Wrong: the gap on all test images is above the tolerance. On the other half: the gap there, which has noise of its own.`,
          ["may lose", "%got a λ", "%wrong", "%wrong on the other half", "%mean cost"],
          rows.map(({ tolerance, certified, violationsOnAll, violations, meanCost }) => [
            ...[`${100 * tolerance} points`, certified, violationsOnAll, violations, meanCost],
          ]),
        ),
      ],
      data: rows.map((row) => ({ ...row })),
    };
  },
};
