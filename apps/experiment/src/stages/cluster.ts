import { legalPaths, pathKey } from "@quee/core";
import {
  type ErrorTargets,
  errorTargetsSchema,
  errorTargetsToJson,
  fitErrorTargets,
  lloydInPool,
  parseErrorTargets,
} from "@quee/error-target-clustering";
import { type PathTable, takeSamples } from "@quee/path-tables";
import { randomStream } from "@quee/tensor";
import { type Fingerprinted, pathSpaceOf, type Run, runStage } from "../run/run.js";
import type { Tables } from "./collect.js";

/** Cells of predicted probability vectors for every legal path, on validation images. */
export async function cluster(run: Run, { validation, fingerprint }: Tables & Fingerprinted) {
  const { clusters, seed } = run.config;
  const paths = legalPaths(pathSpaceOf(run.config));
  return runStage<ErrorTargets>(run, {
    name: "cluster",
    version: 2,
    inputs: { tables: fingerprint, clusters, seed, paths: paths.map(pathKey) },
    async produce(draft, progress) {
      const targets = await fitErrorTargets({
        table: clusteredImages({ ...validation, paths }, clusters.images, seed),
        clusterCount: clusters.count,
        restarts: clusters.restarts,
        initialization: clusters.initialization,
        shrinkage: clusters.shrinkage,
        seed,
        lloyd: lloydInPool(await run.pool()),
        signal: run.signal,
        onPath: ({ path, done, total, reduced }) => {
          progress.update(done, total, "paths");
          if (reduced) progress.note(`path ${pathKey(path)} has fewer distinct probability vectors than cells`);
        },
      });
      await draft.writeJson("targets.json", errorTargetsSchema, errorTargetsToJson(targets));
    },
    load: async (entry) => parseErrorTargets(await entry.readJson("targets.json", errorTargetsSchema)),
    describe: ({ byPath, clusterCount }) => `${clusterCount} cells for each of ${byPath.size} paths`,
  });
}

/** Some of the images, drawn at random, in their order; all where there are no more. */
export function clusteredImages(
  table: PathTable<"validation">,
  images: number | undefined,
  seed: number,
): PathTable<"validation"> {
  if (images === undefined || images >= table.count) return table;
  const drawn = randomStream(seed, "images that cells are fitted on").permutation(table.count).slice(0, images);
  return takeSamples(table, drawn.sort());
}
