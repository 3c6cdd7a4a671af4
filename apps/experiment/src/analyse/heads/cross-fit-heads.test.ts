import { bits, type Path, pathKey, type SplitRole } from "@quee/core";
import type { ExitHead } from "@quee/exit-heads";
import { dealFolds } from "@quee/gate-predictors";
import { createPathTable, type PathTable } from "@quee/path-tables";
import { randomStream } from "@quee/tensor";
import { expect, test } from "vitest";
import { answerByFolds } from "./answer-by-folds.js";
import { crossFitHeads } from "./cross-fit-heads.js";

const float = [bits(32)];
const paths: readonly Path[] = [float, [bits(8)], [bits(8), bits(8)]];
const finalHead: ExitHead = {
  weight: { shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) },
  bias: { shape: [2], data: new Float32Array(2) },
};

/** Two features; the first tells the class where `isTurned` is 0, the other class where it is 1. */
function telling<Role extends SplitRole>(role: Role, isTurned: readonly number[]): PathTable<Role> {
  const random = randomStream(1, role);
  const labels = Int32Array.from(isTurned, () => random.below(2));
  const features = new Float32Array(2 * labels.length);
  for (const [i, label] of labels.entries()) features[2 * i + (label === isTurned[i] ? 0 : 1)] = 2;
  const even = () => new Float32Array(2 * labels.length).fill(0.5);
  const table = createPathTable({ role, classCount: 2, labels, paths, probabilities: paths.map(even) });
  return { ...table, exitFeatures: () => features };
}

test("every training sample is answered by heads that were fitted on the other fold; the last head stays", async () => {
  const seed = 5;
  const [, second] = dealFolds(200, 2, seed);
  const isTurned = Array.from({ length: 200 }, (_, i) => (second?.includes(i) ? 1 : 0));
  const train = telling("train", isTurned);
  const { foldOf, heads } = await crossFitHeads({
    ...{ train, validation: telling("validation", isTurned), paths: [float], finalHead, seed },
    ...{ learningRate: 0.1, batchSize: 20, maxEpochs: 3 },
  });
  expect([...foldOf]).toEqual(isTurned);
  expect(heads.map((own) => own.at(-1))).toEqual([finalHead, finalHead]);
  const answered = await answerByFolds({ ...train, paths: paths.slice(1) }, foldOf, heads);
  expect(answered.labels).toEqual(train.labels);
  expect(answered.paths.map(pathKey)).toEqual(["8", "8-8"]);
  // What one fold says of a feature is wrong in the other: a head that had seen its own samples would be right about some.
  const rightAt = (path: Path) =>
    train.labels.filter((label, i) => (answered.probabilities(path)[2 * i + label] ?? 0) > 0.5).length;
  expect(rightAt([bits(8)])).toBe(0);
  // The last head takes the first feature for class 0, whatever the fold.
  const byHand = train.labels.filter((label, i) => (label === 0) === (label === isTurned[i])).length;
  expect(rightAt([bits(8), bits(8)])).toBe(byHand);
});
