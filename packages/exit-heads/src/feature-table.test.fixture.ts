import { bits, type Path, pathKey, type SplitRole } from "@quee/core";
import { createPathTable, type PathTable } from "@quee/path-tables";
import { randomStream } from "@quee/tensor";

export const WIDTH = 4;
export const CLASSES = 3;
export const paths: readonly Path[] = [[8], [8, 8], [8, 5]].map((path) => path.map(bits));

/** Features [N, WIDTH] lean to their label by `lean` of the path, in a direction that `turned` paths have one further. */
export function featureTable<Role extends SplitRole>(
  role: Role,
  count: number,
  { lean, turned = [] }: { readonly lean: number; readonly turned?: readonly string[] },
): Required<Omit<PathTable<Role>, "rows" | "runs">> {
  const random = randomStream(count, `features of ${role}`);
  const labels = Int32Array.from({ length: count }, () => random.below(CLASSES));
  const features = new Map(
    paths.map((path) => {
      const shift = turned.includes(pathKey(path)) ? 1 : 0;
      const values = Float32Array.from({ length: count * WIDTH }, (_, at) => {
        const label = labels[Math.floor(at / WIDTH)];
        return random.normal() + (at % WIDTH === (label + shift) % CLASSES ? lean : 0);
      });
      return [pathKey(path), values];
    }),
  );
  const even = () => new Float32Array(count * CLASSES).fill(1 / CLASSES);
  const table = createPathTable({ role, classCount: CLASSES, labels, paths, probabilities: paths.map(even) });
  const exitFeatures = (path: Path) => features.get(pathKey(path)) ?? new Float32Array(0);
  return {
    ...table,
    exitFeatures,
    exitFeatureRows: (path, samples) =>
      Float32Array.from({ length: samples.length * WIDTH }, (_, at) => {
        return exitFeatures(path)[samples[Math.floor(at / WIDTH)] * WIDTH + (at % WIDTH)];
      }),
  };
}

/** The same table as one that is read in runs of `size` samples. */
export function inRuns<Role extends SplitRole>(table: PathTable<Role>, size: number): PathTable<Role> {
  const starts = Array.from({ length: Math.ceil(table.count / size) }, (_, r) => r * size);
  return { ...table, runs: starts.map((from) => ({ from, count: Math.min(size, table.count - from) })) };
}
