import type { ByteSource } from "@quee/artifacts";
import { type Path, pathKey, QueeError, type SplitRole } from "@quee/core";
import { boundedCache } from "./bounded-cache.js";
import { storedColumns } from "./stored-columns.js";
import { missingPath, type PathTable, selectRole } from "./table.js";
import { openPart, type StoredPart } from "./table-part.js";
import { unfitTable } from "./unfit-table.js";

export interface OpenPartsOptions {
  /** What was read stays, up to so many bytes; of a table that fits every column is read once. Default 256 MiB. */
  readonly cacheBytes?: number;
  /**
   * What a path answers in place of what is stored, [n, K] of n samples in a row: of a head that was changed since. Asked once for what
   * is read, and what it gives is what stays.
   */
  readonly answers?: (path: Path, probabilities: Float32Array) => Float32Array;
}

/** A table that lies in files. */
export type StoredTable<Role extends SplitRole = SplitRole> = PathTable<Role> &
  Required<Pick<PathTable<Role>, "rows" | "runs">>;

/**
 * A path table over its parts, in the order of their samples. Headers and labels are read here, columns when they are asked for:
 * `rows` part by part, `probabilities` one path of all samples at a time.
 */
export function openTableParts<Role extends SplitRole>(
  sources: readonly ByteSource[],
  role: Role,
  { cacheBytes = 256 * 2 ** 20, answers = (_path, probabilities) => probabilities }: OpenPartsOptions = {},
): StoredTable<Role> {
  const parts = sources.map(openPart);
  const [first] = parts;
  if (first === undefined) {
    const got = "none";
    throw new QueeError({ code: "E_PATH_TABLE", kind: "internal", where: "path table", expected: "parts", got });
  }
  assertTogether(parts, sources);
  const { header, paths } = first;
  const count = parts.reduce((sum, part) => sum + part.header.count, 0);
  const labels = new Int32Array(count);
  for (const part of parts) labels.set(part.labels(), part.header.from);

  const { classCount, exitFeatures } = header;
  const valuesPerSample = classCount * paths.length + exitFeatures.width * exitFeatures.paths.length;
  const common = {
    parts,
    count,
    isKeptWhole: 4 * count * valuesPerSample <= cacheBytes,
    cache: boundedCache(cacheBytes),
  };
  const probabilities = storedColumns({
    ...{ ...common, name: "probabilities", keys: paths.map(pathKey), width: classCount },
    read: (part, p) => answers(paths[p], part.probabilities(p)),
  });
  const features = storedColumns({
    ...{ ...common, name: "exit features", keys: exitFeatures.paths.map((path) => path.join("-")) },
    ...{ width: exitFeatures.width, read: (part: StoredPart, p: number) => part.exitFeatures(p) },
  });
  const missing = (path: Path) => missingPath(path, paths.length);
  const table = {
    ...{ role: header.role, count, classCount, labels, paths, runs: parts.map(runOf) },
    probabilities: (path: Path) => probabilities.all(path) ?? raise(missing(path)),
    rows: (path: Path, samples: ArrayLike<number>) => probabilities.rows(path, samples) ?? raise(missing(path)),
    ...(exitFeatures.paths.length === 0
      ? {}
      : {
          exitFeatures: (path: Path) => features.all(path) ?? new Float32Array(0),
          exitFeatureRows: (path: Path, samples: ArrayLike<number>) =>
            features.rows(path, samples) ?? new Float32Array(0),
        }),
  };
  const { rows, runs } = table;
  return { ...selectRole(table, role, { file: sources[0].name }), rows, runs };
}

function runOf({ header: { from, count } }: StoredPart) {
  return { from, count };
}

/** Parts of one table: samples one after the other, and everything else the same. */
function assertTogether(parts: readonly StoredPart[], sources: readonly ByteSource[]): void {
  let from = 0;
  for (const [i, { header }] of parts.entries()) {
    const problem = { where: "from", expected: String(from), got: String(header.from) };
    if (header.from !== from) throw unfitTable(problem, sources[i]);
    const [expected, got] = [kindOf(parts[0]), kindOf(parts[i])];
    if (expected !== got) throw unfitTable({ where: "header", expected, got }, sources[i]);
    from += header.count;
  }
}

function kindOf({ header: { role, classCount, paths, exitFeatures } }: StoredPart): string {
  return JSON.stringify({ role, classCount, paths, exitFeatures });
}

function raise(error: Error): never {
  throw error;
}
