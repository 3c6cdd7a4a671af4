import { type Path, pathKey, type SplitRole } from "@quee/core";
import { createPathTable, type PathTable } from "@quee/path-tables";
import { softmaxRows, tensor } from "@quee/tensor";

/** z ↦ scale·z + bias of the logits z of one exit at one bit-width. It can be folded into that head's weights. */
export interface LogitAffine {
  readonly scale: number;
  /** [K] */
  readonly bias: Float64Array;
}

/** By exit and bits of the block that answers: `3@6`. */
export type LogitAffines = ReadonlyMap<string, LogitAffine>;

const steps = 150;
const stepSize = 0.03;
/** Pulls towards scale 1 and no bias: a rare class has few images to speak for it. */
const decay = 1e-3;

/**
 * Heads were trained at full precision and answer at every bit-width. For each exit and bits a scale and biases that minimise the
 * cross-entropy over all paths that end there (full-batch Adam; the problem is convex). Like the switchable batch norm of
 * any-precision networks, without touching the network.
 */
export function fitLogitAffines(table: PathTable<"validation">): LogitAffines {
  const groups = new Map<string, Path[]>();
  for (const path of table.paths) groups.set(groupOf(path), [...(groups.get(groupOf(path)) ?? []), path]);
  return new Map(Array.from(groups, ([group, paths]) => [group, fitOne(table, paths)]));
}

/** The same table with corrected probabilities. Exit features stay what they are. */
export function withLogitAffines<Role extends SplitRole>(
  table: PathTable<Role>,
  affines: LogitAffines,
): PathTable<Role> {
  const { role, classCount, labels, paths } = table;
  const probabilities = paths.map((path) => {
    const affine = affines.get(groupOf(path));
    if (affine === undefined) throw new RangeError(`no logit affine for path ${pathKey(path)}`);
    return corrected(table.probabilities(path), affine, classCount);
  });
  return createPathTable({ role, classCount, labels, paths, probabilities });
}

function groupOf(path: Path): string {
  return `${path.length}@${path.at(-1)}`;
}

function fitOne(table: PathTable, paths: readonly Path[]): LogitAffine {
  const { classCount, labels, count } = table;
  const logits = paths.map((path) => table.probabilities(path).map(logitOf));
  const total = count * paths.length;
  const parameters = new Float64Array(classCount + 1);
  parameters[0] = 1;
  const first = new Float64Array(classCount + 1);
  const second = new Float64Array(classCount + 1);
  for (let step = 1; step <= steps; step++) {
    const gradient = gradientOf(logits, labels, parameters, total);
    for (let k = 0; k <= classCount; k++) {
      const g = (gradient[k] as number) + decay * ((parameters[k] as number) - (k === 0 ? 1 : 0));
      first[k] = 0.9 * (first[k] as number) + 0.1 * g;
      second[k] = 0.999 * (second[k] as number) + 0.001 * g * g;
      const rate = (stepSize * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
      parameters[k] =
        (parameters[k] as number) - (rate * (first[k] as number)) / (Math.sqrt(second[k] as number) + 1e-8);
    }
  }
  return { scale: parameters[0] as number, bias: parameters.slice(1) };
}

/** Of the mean cross-entropy in (scale, bias). @returns [1 + K] */
function gradientOf(
  logits: readonly Float32Array[],
  labels: Int32Array,
  parameters: Float64Array,
  total: number,
): Float64Array {
  const classCount = parameters.length - 1;
  const gradient = new Float64Array(parameters.length);
  const biases = parameters.slice(1);
  for (const rows of logits) {
    const { data } = softmaxRows(tensor([labels.length, classCount], affinely(rows, parameters[0] as number, biases)));
    for (let at = 0; at < data.length; at++) {
      const k = at % classCount;
      const excess = (data[at] as number) - (labels[(at - k) / classCount] === k ? 1 : 0);
      gradient[0] = (gradient[0] as number) + (excess * (rows[at] as number)) / total;
      gradient[k + 1] = (gradient[k + 1] as number) + excess / total;
    }
  }
  return gradient;
}

function corrected(probabilities: Float32Array, { scale, bias }: LogitAffine, classCount: number): Float32Array {
  const logits = affinely(probabilities.map(logitOf), scale, bias);
  return softmaxRows(tensor([logits.length / classCount, classCount], logits)).data;
}

function affinely(logits: Float32Array, scale: number, bias: Float64Array): Float32Array {
  return logits.map((logit, at) => scale * logit + (bias[at % bias.length] as number));
}

/** Up to a constant per row; float32 probabilities reach 0. */
function logitOf(probability: number): number {
  return Math.log(Math.max(probability, 1e-12));
}
