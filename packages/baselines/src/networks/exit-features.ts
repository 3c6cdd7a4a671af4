import { type GateView, type Path, pathKey, QueeError } from "@quee/core";
import { exitFeatureRowsOf, type PathTable, runsOf } from "@quee/path-tables";
import { type Tensor, tensor } from "@quee/tensor";
import { rowsWithin, type SampleRows } from "@quee/training";
import { rowMemoryBytes } from "./table-rows.js";

/** What the heads at the end of some paths have read, one column each, of every sample of a table. */
export function featuresAlong(
  table: PathTable,
  paths: readonly Path[],
  memoryBytes: number = rowMemoryBytes,
): SampleRows {
  return rowsWithin({
    ...{ runs: runsOf(table), memoryBytes },
    widths: paths.map((path) => featureWidth(table, path)),
    read: (column, samples) => exitFeatureRowsOf(table, paths[column], samples),
  });
}

/** F: of a table in files that of one sample says it. */
function featureWidth(table: PathTable, path: Path): number {
  const { count, role } = table;
  const [known, found] =
    table.exitFeatureRows === undefined
      ? [count, table.exitFeatures?.(path)]
      : [Math.min(1, count), table.exitFeatureRows(path, count > 0 ? [0] : [])];
  if (found !== undefined && found.length > 0 && found.length % known === 0) return found.length / known;
  const got = found === undefined ? "none" : `${found.length} numbers`;
  throw noFeatures(`${role} table, path ${pathKey(path)}`, `exit features [${count}, F]`, got);
}

/** Exit features of a view behind its `exit`-th block (1 … E), of the width that a network was trained on. @returns [n, F] */
export function featuresOfView(
  { exitFeatures, prefix, count }: GateView,
  exit: number,
  width: number,
  policy: string,
): Tensor {
  const found = exitFeatures?.[exit - 1];
  if (found?.length === count * width) return tensor([count, width], found);
  throw noFeatures(
    `policy "${policy}" at the gate behind ${pathKey(prefix)}`,
    `exit features [${count}, ${width}] of exit ${exit}`,
    found === undefined ? "none" : `${found.length} numbers`,
  );
}

function noFeatures(where: string, expected: string, got: string): QueeError {
  const hint = "Collect exit features for this rival, and hand them out in live runs";
  return new QueeError({ code: "E_EXIT_FEATURES", kind: "input", where, expected, got, hint });
}
