import { type GateView, type Path, pathKey, QueeError } from "@quee/core";
import type { PathTable } from "@quee/path-tables";
import { type Tensor, tensor } from "@quee/tensor";

/** What the head at the end of `path` has read, of every sample of a table. @returns [N, F] */
export function featuresAlong(table: PathTable, path: Path): Tensor {
  const found = table.exitFeatures?.(path);
  if (found !== undefined && found.length > 0 && found.length % table.count === 0) {
    return tensor([table.count, found.length / table.count], found);
  }
  const got = found === undefined ? "none" : `${found.length} numbers`;
  throw noFeatures(`${table.role} table, path ${pathKey(path)}`, `exit features [${table.count}, F]`, got);
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
