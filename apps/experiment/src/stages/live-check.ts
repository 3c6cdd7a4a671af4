import { type CostTable, type Path, pathKey } from "@quee/core";
import type { Gates } from "@quee/gate-predictors";
import { compareDecisions, runLive } from "@quee/path-runtime";
import { createPathTable, type PathTable, replay, rowsOf } from "@quee/path-tables";
import { z } from "zod";
import { queeRouters, type RouterCosts } from "../methods/quee-routers.js";
import type { StageProgress } from "../run/progress.js";
import { levelsOf, pathSpaceOf, type Run } from "../run/run.js";
import type { EvaluationInputs } from "./evaluation-inputs.js";
import { imageSource } from "./image-source.js";
import { registerBlocks } from "./quantize-blocks.js";

/** What came out when test images were really run block by block. */
export const liveCheckSchema = z.strictObject({
  images: z.int(),
  runs: z.array(
    z.strictObject({
      lambda: z.number(),
      /** Images that went another way or got another answer than in the replay. */
      differences: z.array(
        z.strictObject({
          image: z.int(),
          live: z.string(),
          replayed: z.string(),
          /** Between the two ways, λ·cost + predicted error at the gate where they parted; null where the way is the same. */
          margin: z.number().nullable(),
        }),
      ),
    }),
  ),
  differences: z.int(),
});

export type LiveCheck = z.infer<typeof liveCheckSchema>;

/**
 * Runs the first test images for real at some λ, only the chosen blocks, survivors regrouped, and compares with the replay.
 * Batches of other sizes round sums otherwise, so decisions may differ where two candidates are as good as equal.
 */
export async function compareLive(
  run: Run,
  { dataset, prepared, blocks, tables, gates }: EvaluationInputs,
  costs: RouterCosts,
  progress: StageProgress,
): Promise<LiveCheck> {
  const { live, batchSize } = run.config;
  const space = pathSpaceOf(run.config);
  const images = Math.min(live.images, dataset.test.count);
  if (images === 0) return { images: 0, runs: [], differences: 0 };
  await registerBlocks(run, blocks, levelsOf(run.config));
  const table = firstOf(tables.test, images);
  const runs: LiveCheck["runs"] = [];
  const router = queeRouters({ gates, space, validation: tables.validation })(costs);
  for (const [r, lambda] of live.lambdas.entries()) {
    const policy = router.policyAt(lambda);
    const result = await runLive({
      pool: await run.pool(),
      blocks,
      policy,
      images: imageSource(dataset.test, prepared.model.preprocessing, 0, images),
      batchSize,
      signal: run.signal,
      onProgress: ({ done }) => progress.update(r * images + done, live.lambdas.length * images, "images run live"),
    });
    const differences = compareDecisions(result, replay(policy, table, { space }), table).map((difference) => ({
      image: difference.image,
      live: pathKey(difference.live.path),
      replayed: pathKey(difference.replayed.path),
      margin: marginOf(difference.image, difference.common, [difference.live.path, difference.replayed.path], {
        table,
        gates,
        costs: costs.weighed,
        lambda,
      }),
    }));
    for (const { image, live: one, replayed: other, margin } of differences) {
      progress.note(
        `λ ${lambda}, image ${image}: live ${one}, replayed ${other}, ${margin?.toExponential(1) ?? "same way"} apart`,
      );
    }
    runs.push({ lambda, differences });
  }
  return { images, runs, differences: runs.reduce((sum, { differences }) => sum + differences.length, 0) };
}

interface MarginContext {
  readonly table: PathTable;
  readonly gates: Gates;
  readonly costs: CostTable;
  readonly lambda: number;
}

/** How far apart the best candidates on two ways are at the gate behind `common`. */
function marginOf(
  image: number,
  common: Path,
  ways: readonly Path[],
  { table, gates, costs, lambda }: MarginContext,
): number | null {
  if (ways.every((way) => way.length === common.length)) return null;
  const row = (path: Path) => {
    const { classCount } = table;
    return table.probabilities(path).slice(image * classCount, (image + 1) * classCount);
  };
  const history = common.map((_, j) => row(common.slice(0, j + 1)));
  const { candidates, predictedError } = gates.predict({
    prefix: common,
    count: 1,
    classCount: table.classCount,
    history,
  });
  const bestOn = (way: Path) => {
    const step = way[common.length];
    const losses = candidates.flatMap((candidate, a) =>
      candidate[common.length] === step
        ? [lambda * (costs.byPath.get(pathKey(candidate)) ?? 0) + (predictedError[a] ?? 0)]
        : [],
    );
    return Math.min(...losses);
  };
  const [one, other] = ways.map(bestOn);
  return Math.abs((one ?? 0) - (other ?? 0));
}

function firstOf(table: PathTable, count: number): PathTable {
  const samples = Int32Array.from({ length: count }, (_, i) => i);
  return createPathTable({
    role: table.role,
    classCount: table.classCount,
    labels: table.labels.slice(0, count),
    paths: table.paths,
    probabilities: table.paths.map((path) => rowsOf(table, path, samples)),
  });
}
