import { bits, type Path, pathKey } from "@quee/core";
import { randomStream, softmaxRows, type Tensor } from "@quee/tensor";
import fc from "fast-check";
import type { ProbabilityTable } from "./probability-table.js";

/** Probability vectors around a few centres, with labels that the most probable class hits more often where it is sure. */
export function probabilityTable(options: {
  readonly count: number;
  readonly classCount: number;
  readonly seed: number;
  readonly paths?: readonly Path[];
}): ProbabilityTable<"validation"> {
  const { count, classCount, seed, paths = [[bits(8)], [bits(8), bits(6)]] } = options;
  const random = randomStream(seed, "probability table");
  const labels = Int32Array.from({ length: count }, () => random.below(classCount));
  const tables = new Map(paths.map((path, p) => [pathKey(path), rowsAround(labels, classCount, 1 + p, random.normal)]));
  return {
    role: "validation",
    count,
    classCount,
    labels,
    paths,
    probabilities: (path) => tables.get(pathKey(path)) as Float32Array,
  };
}

function rowsAround(labels: Int32Array, classCount: number, sharpness: number, normal: () => number): Float32Array {
  const logits = new Float32Array(labels.length * classCount);
  labels.forEach((label, i) => {
    const sure = Math.abs(normal()) * sharpness;
    for (let k = 0; k < classCount; k++) logits[i * classCount + k] = normal() + (k === label ? 2 * sure : 0);
  });
  return softmaxRows({ shape: [labels.length, classCount], data: logits }).data;
}

/** Points of a coarse grid, so that equal points and ties are common. */
export function gridPoints(): fc.Arbitrary<Tensor> {
  return fc
    .record({ rows: fc.integer({ min: 1, max: 30 }), width: fc.integer({ min: 1, max: 4 }) })
    .chain(({ rows, width }) =>
      fc
        .array(fc.integer({ min: 0, max: 3 }), { minLength: rows * width, maxLength: rows * width })
        .map((values) => ({ shape: [rows, width], data: Float32Array.from(values, (value) => value / 3) })),
    );
}
