import { type Bits, type Path, QueeError, type SplitRole } from "@quee/core";
import { type PathTable, rowsOf, runsOf, samplesOf } from "@quee/path-tables";
import { tensor } from "@quee/tensor";
import { fitLogitAffine } from "./fit-logit-affine.js";
import { correctAnswers, type LogitAffine, leastProbability, logitsOf } from "./logit-affine.js";

/** Of every head that exists: exit and bits of the block that answers, as `headName` writes them. */
export type LogitAffines = ReadonlyMap<string, LogitAffine>;

/** `3@6`: the head at exit 3 when its block runs at 6 bits. */
export function headName(exit: number, bits: Bits): string {
  return `${exit}@${bits}`;
}

export interface StoredAnswers {
  /** What a probability of 0 stands for; default that of float32. */
  readonly zero?: number;
}

export interface FitLogitAffinesOptions extends StoredAnswers {
  /** Logits in memory at a time; default 2²⁵, 128 MiB. Of more, every n-th sample of each path counts, of each path others. */
  readonly mostLogits?: number;
}

/**
 * Heads were trained at full precision and answer at every bit-width. For each exit and bits that a path of the table ends with, the
 * affine that suits the answers of all paths that end there, each counting alike. The analogue of the clipping that AdaBits and of the batch
 * norm that any-precision networks switch with the bits, without touching the network.
 */
export function fitLogitAffines(table: PathTable<"validation">, options: FitLogitAffinesOptions = {}): LogitAffines {
  const groups = new Map<string, Path[]>();
  for (const path of table.paths) groups.set(headOf(path), [...(groups.get(headOf(path)) ?? []), path]);
  return new Map(Array.from(groups, ([head, paths]) => [head, fitGroup(table, paths, options)]));
}

/** The affine of the head of an exit at some bits of its block. @throws QueeError where there is none */
export function affineOf(affines: LogitAffines, exit: number, bits: Bits): LogitAffine {
  const name = headName(exit, bits);
  const affine = affines.get(name);
  if (affine !== undefined) return affine;
  throw new QueeError({
    code: "E_LOGIT_AFFINE",
    kind: "internal",
    where: "corrections of logits",
    expected: `one of the head ${name}`,
    got: `those of ${[...affines.keys()].join(", ") || "none"}`,
    hint: "Fit affines on a table with a path that ends at this exit and these bits",
  });
}

/** The same table with the answers of corrected heads, each time they are asked for. What heads have read stays what it is. */
export function withLogitAffines<Role extends SplitRole>(
  table: PathTable<Role>,
  affines: LogitAffines,
  { zero = leastProbability.float32 }: StoredAnswers = {},
): PathTable<Role> {
  const affineBehind = (path: Path) => affineOf(affines, path.length, path[path.length - 1]);
  for (const path of table.paths) affineBehind(path);
  return {
    ...table,
    probabilities: (path) => correctAnswers(table.probabilities(path), affineBehind(path), zero),
    rows: (path, samples) => correctAnswers(rowsOf(table, path, samples), affineBehind(path), zero),
  };
}

function headOf(path: Path): string {
  return headName(path.length, path[path.length - 1]);
}

function fitGroup(
  table: PathTable<"validation">,
  paths: readonly Path[],
  { zero = leastProbability.float32, mostLogits = 2 ** 25 }: FitLogitAffinesOptions,
): LogitAffine {
  const { classCount, count } = table;
  const every = Math.max(1, Math.ceil((count * paths.length * classCount) / mostLogits));
  const picked = paths.map((path, p) =>
    runsOf(table).map((run) => ({ path, samples: samplesOf(run).filter((sample) => (sample + p) % every === 0) })),
  );
  const pieces = picked.flat();
  const rows = pieces.reduce((sum, { samples }) => sum + samples.length, 0);
  const [logits, labels] = [new Float32Array(rows * classCount), new Int32Array(rows)];
  let from = 0;
  for (const { path, samples } of pieces) {
    logits.set(logitsOf(rowsOf(table, path, samples), zero), from * classCount);
    labels.set(
      samples.map((sample) => table.labels[sample]),
      from,
    );
    from += samples.length;
  }
  return fitLogitAffine(tensor([rows, classCount], logits), labels);
}
