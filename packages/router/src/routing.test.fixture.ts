import {
  bits,
  type CostTable,
  legalPaths,
  type Path,
  type PathSpace,
  pathKey,
  type SplitRole,
  startsWith,
} from "@quee/core";
import { createPathTable, type PathTable } from "@quee/path-tables";
import { randomStream, softmaxRows, tensor } from "@quee/tensor";
import type { Predict } from "./predictions.js";

export const space: PathSpace = {
  levels: [bits(5), bits(8), bits(6)],
  exitCount: 3,
  order: "monotone",
  firstBlock: "any",
};

export const pathsFrom = (prefix: Path, all: readonly Path[] = legalPaths(space)): readonly Path[] =>
  all.filter((path) => startsWith(path, prefix));

export const costTable = (name: string, costOfPath: (path: Path) => number): CostTable => ({
  name,
  unit: "BitOPs",
  unitCost: 24,
  byPath: new Map(legalPaths(space).map((path) => [pathKey(path), costOfPath(path)])),
});

/** Blocks of equal size: the mean bits of what runs. */
export const meanBits: CostTable = costTable("mean bits", (path) => path.reduce((sum, b) => sum + b, 0) / 24);

/** Every path equally long costs the same: ties everywhere. */
export const blocksRun: CostTable = costTable("blocks", (path) => path.length / 3);

export function randomTable<Role extends SplitRole>(
  role: Role,
  { count, seed, classCount = 3 }: { count: number; seed: number; classCount?: number },
): PathTable<Role> {
  const random = randomStream(seed, "table");
  const paths = legalPaths(space);
  return createPathTable({
    role,
    classCount,
    labels: Int32Array.from({ length: count }, () => random.below(classCount)),
    paths,
    probabilities: paths.map(
      () =>
        softmaxRows(
          tensor(
            [count, classCount],
            Float32Array.from({ length: count * classCount }, () => 2 * random.normal()),
          ),
        ).data,
    ),
  });
}

/** Some function of the newest p̂ and the candidate, in eighths, so that equal errors are common. */
export const eighths: Predict = ({ prefix, count, classCount, history }) => {
  const candidates = pathsFrom(prefix);
  const newest = history[history.length - 1];
  const predictedError = new Float32Array(count * candidates.length);
  for (let i = 0; i < count; i++) {
    for (const [a, path] of candidates.entries()) {
      const mixed = path.reduce((sum, b, j) => sum + b * (j + 1), 0) * 3.7 * (newest[i * classCount] + 0.3);
      predictedError[i * candidates.length + a] = Math.floor((mixed % 1) * 9) / 8;
    }
  }
  return { candidates, predictedError };
};

/** Depends on the image through its p̂ of block 1 only, so that no gate changes its mind about a path. */
export const steadfast: Predict = (view) => {
  const [first] = view.history;
  const candidates = pathsFrom(view.prefix);
  const all = eighths({ ...view, prefix: [view.prefix[0]], history: [first] });
  const width = all.candidates.length;
  const columns = candidates.map((path) => all.candidates.findIndex((other) => pathKey(other) === pathKey(path)));
  const predictedError = Float32Array.from({ length: view.count * columns.length }, (_, k) => {
    const i = Math.floor(k / columns.length);
    return all.predictedError[i * width + columns[k % columns.length]];
  });
  return { candidates, predictedError };
};
