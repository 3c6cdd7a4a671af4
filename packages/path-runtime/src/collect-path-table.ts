import { type Path, type PathKey, pathKey, QueeError, type SplitRole } from "@quee/core";
import type { SessionPool } from "@quee/onnx-session";
import { createPathTable, type PathTable } from "@quee/path-tables";
import { exitFeaturesOf, probabilitiesOf } from "./block-outputs.js";
import { assertPaths, type BlockSet } from "./block-set.js";
import { assertSize, chunksOf, firstNumbers } from "./chunks.js";
import type { ImageSource, Progress } from "./images.js";
import { mapConcurrently } from "./map-concurrently.js";
import { walkProgram } from "./walk-program.js";

export interface CollectOptions<Role extends SplitRole> {
  readonly pool: Pick<SessionPool, "program" | "workers">;
  readonly blocks: BlockSet;
  readonly images: ImageSource;
  readonly role: Role;
  /** [N], of the images */
  readonly labels: Int32Array;
  /** Legal paths of a router, uniform paths of static rivals: whatever will be asked for. Repetitions count once. */
  readonly paths: readonly Path[];
  /** Of these, the ones whose exit features are kept too; their models must put out `exit_features` [B, D]. Default none. */
  readonly featurePaths?: readonly Path[];
  /** 32 by default: right for short sequences; about 8 at 197 tokens. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
  /** Called after every batch. */
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * p̂_π(x) of every path on a split: one walk over the prefix tree per batch runs each block × bits × prefix once. Batches run
 * in parallel in the workers of the pool; the table does not depend on how many there are.
 */
export async function collectPathTable<Role extends SplitRole>(
  options: CollectOptions<Role>,
): Promise<PathTable<Role>> {
  const { pool, blocks, images, role, labels, featurePaths = [], batchSize = 32, signal, onProgress } = options;
  const { classCount } = blocks;
  const paths = uniquePaths(options.paths);
  assertPaths(blocks, paths);
  assertSize("batchSize", batchSize);
  assertLabels(labels, images.count);
  assertAmong(featurePaths, paths);
  const { program, answers, features } = walkProgram(blocks, paths, featurePaths);
  const columns = answers.map((answer) => ({ ...answer, values: new Float32Array(images.count * classCount) }));
  const featuresOf = new Map<PathKey, Float32Array>();
  let done = 0;
  // One batch more than workers is under way, so that a worker never waits for an image to be read.
  await mapConcurrently(chunksOf(firstNumbers(images.count), batchSize), pool.workers + 1, async (batch) => {
    signal?.throwIfAborted();
    const pixels = await images.batch(batch);
    const outputs = await pool.program(program, { pixel_values: pixels }, { signal });
    for (const { output, model, values } of columns) {
      const rows = probabilitiesOf({ logits: outputs[output] }, model, batch.length, classCount);
      values.set(rows, batch[0] * classCount);
    }
    for (const { path, output, model } of features) {
      const rows = exitFeaturesOf({ exit_features: outputs[output] }, model, batch.length);
      // How wide they are is known with the first batch.
      const all = featuresOf.get(pathKey(path)) ?? new Float32Array(images.count * rows.shape[1]);
      featuresOf.set(pathKey(path), all);
      all.set(rows.data, batch[0] * rows.shape[1]);
    }
    done += batch.length;
    onProgress?.({ done, total: images.count });
  });
  const byKey = new Map(columns.map(({ path, values }) => [pathKey(path), values]));
  const probabilities = paths.map((path) => byKey.get(pathKey(path)) as Float32Array);
  const table = createPathTable({ role, classCount, labels, paths, probabilities });
  if (featurePaths.length === 0) return table;
  return { ...table, exitFeatures: (path) => featuresOf.get(pathKey(path)) ?? new Float32Array(0) };
}

function assertAmong(paths: readonly Path[], known: readonly Path[]): void {
  const keys = known.map(pathKey);
  const stranger = paths.map(pathKey).find((key) => !keys.includes(key));
  if (stranger === undefined) return;
  throw new QueeError({
    code: "E_FEATURES_MISSING",
    kind: "internal",
    where: "paths of exit features",
    expected: `some of ${keys.join(", ")}`,
    got: stranger,
  });
}

function uniquePaths(paths: readonly Path[]): readonly Path[] {
  return [...new Map(paths.map((path) => [pathKey(path), path])).values()];
}

function assertLabels(labels: Int32Array, count: number): void {
  if (labels.length === count) return;
  throw new QueeError({
    code: "E_LABELS",
    kind: "internal",
    where: "labels",
    expected: `one for each of ${count} images`,
    got: String(labels.length),
  });
}
