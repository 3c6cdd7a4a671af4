import { type GateView, type Path, type PathKey, type Policy, pathKey } from "@quee/core";
import type { SessionPool } from "@quee/onnx-session";
import { askPolicy, type ContinueAction, sendAll } from "@quee/path-tables";
import { argmaxRows, tensor } from "@quee/tensor";
import type { BlockSet } from "./block-set.js";
import { assertSize, chunksOf, firstNumbers } from "./chunks.js";
import type { ImageSource, Progress } from "./images.js";
import { mapConcurrently } from "./map-concurrently.js";
import { runBatch } from "./run-batch.js";
import { type Departure, departing, groupBy, regroup, stackRows, type Traveller } from "./travellers.js";

export interface LiveOptions {
  readonly pool: Pick<SessionPool, "run" | "workers">;
  readonly blocks: BlockSet;
  readonly policy: Policy;
  readonly images: ImageSource;
  /** Images that go through a model together, at most; 32 by default. */
  readonly batchSize?: number;
  /** Images under way together; their hidden states bound the memory. Eight batches by default. */
  readonly windowSize?: number;
  /** Where all images go before any gate; without it the policy is asked, with an empty prefix and history. */
  readonly firstAction?: ContinueAction;
  /** Shows policies what the heads have read; every model must then put out `exit_features` [B, D]. Default false. */
  readonly exitFeatures?: boolean;
  readonly signal?: AbortSignal;
  /** Called whenever images have left. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Where the images of a source really went, in the order of the images. */
export interface LiveResult {
  /** Blocks behind an exit were not run. Decisions on a table say `replayed`. */
  readonly exit: "staged";
  readonly policy: string;
  readonly exitCount: number;
  /** The paths that were taken: shorter before longer, more bits before fewer. */
  readonly paths: readonly Path[];
  /** [N], index into `paths` */
  readonly pathIndex: Int32Array;
  /** [N], the most probable class at the exit, the lowest of equals; −1 where the policy abstained */
  readonly prediction: Int32Array;
  /** p̂ of the answer at the exit, [N, K] */
  readonly probabilities: Float32Array;
}

/**
 * Runs a policy for real: after every block its gate is asked, images that exit are done, and survivors that need the same
 * model next go through it together, whichever way they came.
 */
export async function runLive(options: LiveOptions): Promise<LiveResult> {
  const { pool, blocks, policy, images, batchSize = 32, windowSize = 8 * batchSize, signal, onProgress } = options;
  const { exitFeatures: withFeatures = false } = options;
  const { classCount, exitCount } = blocks;
  assertSize("batchSize", batchSize);
  assertSize("windowSize", windowSize);
  const pathOf: Path[] = Array.from({ length: images.count }, () => []);
  const probabilities = new Float32Array(images.count * classCount);
  const abstained: number[] = [];
  let done = 0;

  const leave = (travellers: readonly Traveller[]) => {
    for (const together of groupBy(travellers, ({ path }) => pathKey(path)).values()) {
      const answers = policy.answer?.(viewOf(together, classCount));
      for (const [i, { image, path, history }] of together.entries()) {
        pathOf[image] = path;
        const own = answers?.subarray(i * classCount, (i + 1) * classCount) ?? history[history.length - 1];
        probabilities.set(own, image * classCount);
      }
    }
    done += travellers.length;
    if (travellers.length > 0) onProgress?.({ done, total: images.count });
  };
  const askGates = (arrived: readonly Traveller[]): readonly Departure[] =>
    [...groupBy(arrived, ({ path }) => pathKey(path)).values()].flatMap((together) => {
      const { exits, abstentions, continuing } = askGate(together, options);
      for (const i of abstentions) abstained.push(together[i].image);
      leave(Array.from([...exits, ...abstentions], (i) => together[i]));
      return [...continuing].flatMap(([bits, group]) => Array.from(group, (i) => ({ traveller: together[i], bits })));
    });
  const runWindow = async (window: Int32Array) => {
    let arrived = Array.from(window, departing);
    for (let block = 1; block <= exitCount && arrived.length > 0; block++) {
      const batches = regroup(askGates(arrived), batchSize);
      const next: Traveller[] = [];
      await mapConcurrently(batches, pool.workers + 1, async (batch) => {
        signal?.throwIfAborted();
        next.push(...(await runBatch({ pool, blocks, images, block, batch, withFeatures, signal })));
      });
      // Batches end in any order; a gate sees images in theirs.
      arrived = next.sort((a, b) => a.image - b.image);
    }
    leave(arrived);
  };
  // A second window keeps the workers busy while the last survivors of the first go through the last blocks.
  await mapConcurrently(chunksOf(firstNumbers(images.count), windowSize), pool.workers > 1 ? 2 : 1, runWindow);

  const prediction = argmaxRows(tensor([images.count, classCount], probabilities));
  for (const image of abstained) prediction[image] = -1;
  return { exit: "staged", policy: policy.name, exitCount, ...indexPaths(pathOf), prediction, probabilities };
}

function askGate(together: readonly Traveller[], { policy, blocks, firstAction }: LiveOptions) {
  if (together[0].path.length === 0 && firstAction !== undefined) return sendAll(together.length, firstAction);
  return askPolicy(policy, viewOf(together, blocks.classCount));
}

/** What a gate sees of travellers that came the same way. */
function viewOf(together: readonly Traveller[], classCount: number): GateView {
  const { path: prefix, exitFeatures } = together[0];
  const count = together.length;
  const history = prefix.map((_, j) => stackRows(together.map((traveller) => traveller.history[j])));
  const view = { prefix, count, classCount, history };
  if (exitFeatures.length === 0) return view;
  return {
    ...view,
    exitFeatures: prefix.map((_, j) => stackRows(together.map((traveller) => traveller.exitFeatures[j]))),
  };
}

function indexPaths(pathOf: readonly Path[]): Pick<LiveResult, "paths" | "pathIndex"> {
  const taken = new Map<PathKey, Path>(pathOf.map((path) => [pathKey(path), path]));
  const paths = [...taken.values()].sort(byLengthThenBits);
  const indexOf = new Map(paths.map((path, p) => [pathKey(path), p]));
  return { paths, pathIndex: Int32Array.from(pathOf, (path) => indexOf.get(pathKey(path)) as number) };
}

function byLengthThenBits(a: Path, b: Path): number {
  if (a.length !== b.length) return a.length - b.length;
  const j = a.findIndex((level, at) => level !== b[at]);
  return j < 0 ? 0 : b[j] - a[j];
}
