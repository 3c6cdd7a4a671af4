import { legalPaths, type PathSpace, type SplitRole } from "@quee/core";
import { createPathTable, type PathTable } from "@quee/path-tables";
import { randomStream, softmaxRows, tensor } from "@quee/tensor";

/** A table of random probabilities for every legal path; the labels are drawn, so no path is much better than another. */
export function randomTable<Role extends SplitRole>(
  role: Role,
  { space, count, classCount, seed }: { space: PathSpace; count: number; classCount: number; seed: number },
): PathTable<Role> {
  const random = randomStream(seed, "table");
  const paths = legalPaths(space);
  const probabilities = paths.map(() => {
    const logits = Float32Array.from({ length: count * classCount }, () => 2 * random.normal());
    return softmaxRows(tensor([count, classCount], logits)).data;
  });
  const labels = Int32Array.from({ length: count }, () => random.below(classCount));
  return createPathTable({ role, classCount, labels, paths, probabilities });
}
