import { QueeError } from "./errors.js";
import { type Path, type PathKey, pathKey } from "./paths.js";

/** Cost of paths as a fraction of running everything at the most bits. QuEE (arXiv 2406.14404), equation 17. */
export interface CostTable {
  /** What the numbers count, for captions: `BitOPs with stem`, `BitOPs of blocks only`, `measured ms` … */
  readonly name: string;
  /** Cost of the normaliser, in `unit`. */
  readonly unitCost: number;
  readonly unit: "BitOPs" | "ms";
  /** Normalised cost of every path, everything included that this model of cost counts. */
  readonly byPath: ReadonlyMap<PathKey, number>;
}

export function costOf(table: CostTable, path: Path): number {
  const cost = table.byPath.get(pathKey(path));
  if (cost === undefined) {
    throw new QueeError({
      code: "E_COST_MISSING",
      kind: "internal",
      where: `cost table "${table.name}"`,
      expected: `a cost of path ${pathKey(path)}`,
      got: "none",
    });
  }
  return cost;
}
