import type { Pays, Rival, RivalInputs } from "@quee/baselines";
import { bits, type CostTable, type Path, type PathKey, type PathSpace, pathKey, type SplitRole } from "@quee/core";
import { createPathTable, type PathTable } from "@quee/path-tables";

export const space: PathSpace = { levels: [8, 6].map(bits), exitCount: 2, order: "monotone", firstBlock: "highest" };
export const paths = [[8], [8, 8], [8, 6], [6], [6, 6]].map((levels): Path => levels.map(bits));

/** Of two classes; sample i is right on path p where `right(i, p)` says so, and sure of what it says. */
export function madeUpTable<Role extends SplitRole>(
  role: Role,
  count: number,
  right: (sample: number, path: number) => boolean,
): PathTable<Role> {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const probabilities = paths.map((_, p) => {
    const rows = new Float32Array(2 * count);
    for (let i = 0; i < count; i++) rows[2 * i + (right(i, p) ? (labels[i] ?? 0) : 1 - (labels[i] ?? 0))] = 1;
    return rows;
  });
  return createPathTable({ role, classCount: 2, labels, paths, probabilities });
}

/** Exit 1 is right about a half, 8-6 about three quarters, 8-8 about all; one bit-width of 6 about few. */
export const rightByPath = (i: number, p: number) => [i % 4 < 2, true, i % 4 < 3, i % 8 === 0, i % 4 === 0][p] ?? false;

export const costs = (byCost: readonly number[] = [0.5, 1, 0.9, 0.4, 0.75]): CostTable => ({
  name: "made up",
  unit: "BitOPs",
  unitCost: 1,
  byPath: new Map<PathKey, number>(paths.map((path, p) => [pathKey(path), byCost[p] ?? 0])),
});

export const pays: Pays = { heads: "last-exit", gateMacs: [0] };

export function madeUpInputs(count = 80): RivalInputs & { readonly test: PathTable<"test"> } {
  return {
    space,
    train: madeUpTable("train", count, rightByPath),
    validation: madeUpTable("validation", count, rightByPath),
    test: madeUpTable("test", count, rightByPath),
    costs: () => costs(),
    seed: 3,
  };
}

/** Sends everything along one path for each setting. */
export function staticRival(name: string, places: readonly number[]): Rival {
  return {
    name,
    role: "rival",
    parameter: "path",
    needs: () => ({ trainPaths: [], paths, featurePaths: [] }),
    fit: async () => ({
      pays,
      trainings: 0,
      settings: places.map((place) => ({
        setting: pathKey(paths[place] ?? []),
        policy: null,
        replay: (table) => {
          const rows = table.probabilities(paths[place] ?? []);
          const prediction = Int32Array.from(table.labels, (_, i) => ((rows[2 * i] ?? 0) > 0.5 ? 0 : 1));
          const correct = Uint8Array.from(prediction, (answer, i) => (answer === table.labels[i] ? 1 : 0));
          const pathIndex = new Int32Array(table.count).fill(place);
          return { exit: "replayed", policy: name, exitCount: 2, pathIndex, prediction, correct };
        },
      })),
    }),
  };
}
