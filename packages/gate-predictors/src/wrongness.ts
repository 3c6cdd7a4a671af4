import { argmaxRows, tensor } from "@quee/tensor";
import type { TableTargets } from "./remembered.js";

/** 1 where the most probable class at the end of a path is not the label, else 0: a target without clusters. */
export const wrongness: TableTargets = (path, table) => {
  const answers = argmaxRows(tensor([table.count, table.classCount], table.probabilities(path)));
  return Float32Array.from(answers, (answer, i) => (answer === table.labels[i] ? 0 : 1));
};

/**
 * (1 − share)·estimate + share·1[wrong]. The outcome alone is right on average and noisy; an estimate such as p̃e is smooth and
 * blind to what its clusters do not tell apart.
 * @param share 0 … 1
 */
export function mixedTargets(estimate: TableTargets, share: number): TableTargets {
  return (path, table) => {
    const outcome = wrongness(path, table);
    return estimate(path, table).map((value, i) => (1 - share) * value + share * outcome[i]);
  };
}
