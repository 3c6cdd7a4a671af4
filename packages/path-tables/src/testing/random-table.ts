import { legalPaths, type PathSpace, type SplitRole } from "@quee/core";
import { randomStream, softmaxRows, tensor } from "@quee/tensor";
import { createPathTable, type PathTable } from "../table.js";

/** A table of random probabilities for every legal path of a space. */
export function randomTable<Role extends SplitRole>(
  role: Role,
  { space, count, classCount, seed }: { space: PathSpace; count: number; classCount: number; seed: number },
): PathTable<Role> {
  const random = randomStream(seed, "table");
  const paths = legalPaths(space);
  return createPathTable({
    role,
    classCount,
    labels: Int32Array.from({ length: count }, () => random.below(classCount)),
    paths,
    probabilities: paths.map(() => {
      const logits = Float32Array.from({ length: count * classCount }, () => 2 * random.normal());
      return softmaxRows(tensor([count, classCount], logits)).data;
    }),
  });
}
