import { type CostTable, costOf, QueeError } from "@quee/core";
import type { Replay } from "./replay.js";
import type { PathTable } from "./table.js";

/** Accuracy and cost of one policy on one split; fractions throughout. */
export interface Summary {
  /** Right answers over all images: an abstention counts as wrong. */
  readonly top1: number;
  /** Images that got an answer. */
  readonly coverage: number;
  /** Right answers over the images that got one; null where none did. */
  readonly selectiveTop1: number | null;
  /** Mean cost of an image. QuEE (arXiv 2406.14404), equation 17, with the terms that `costs` counts. */
  readonly cost: number;
  /** The least cost that 95 % of the images do not exceed. */
  readonly costP95: number;
  /** Images that stop at each exit, [E], abstentions among them. */
  readonly exitHistogram: readonly number[];
  /** Images on each path of the table, in its order. */
  readonly pathHistogram: readonly number[];
}

export function summarize(
  replay: Pick<Replay, "correct" | "prediction" | "pathIndex" | "exitCount">,
  table: Pick<PathTable, "paths">,
  costs: CostTable,
): Summary {
  const count = replay.pathIndex.length;
  if (count === 0) {
    throw new QueeError({ code: "E_NO_SAMPLES", kind: "input", where: "replay", expected: "samples", got: "none" });
  }
  const pathHistogram = table.paths.map(() => 0);
  for (const p of replay.pathIndex) pathHistogram[p]++;
  const exitHistogram = Array.from({ length: replay.exitCount }, () => 0);
  for (const [p, path] of table.paths.entries())
    if (pathHistogram[p] > 0) exitHistogram[path.length - 1] += pathHistogram[p];
  const perImage = imageCosts(replay, table, costs);
  const right = replay.correct.reduce((sum, hit) => sum + hit, 0);
  const answered = replay.prediction.reduce((sum, answer) => sum + (answer < 0 ? 0 : 1), 0);
  return {
    top1: right / count,
    coverage: answered / count,
    selectiveTop1: answered === 0 ? null : right / answered,
    cost: perImage.reduce((sum, cost) => sum + cost, 0) / count,
    costP95: perImage.toSorted()[Math.ceil(0.95 * count) - 1],
    exitHistogram,
    pathHistogram,
  };
}

/** Cost of each image, [N]. Only the paths that were taken need a cost. */
export function imageCosts(
  { pathIndex }: Pick<Replay, "pathIndex">,
  { paths }: Pick<PathTable, "paths">,
  costs: CostTable,
): Float64Array {
  const known = new Map<number, number>();
  for (const p of new Set(pathIndex)) known.set(p, costOf(costs, paths[p]));
  return Float64Array.from(pathIndex, (p) => known.get(p) as number);
}
