import type { Path, Split, SplitRole } from "@quee/core";

/** p̂_π of every path on one split: the part of a path table that this room reads. */
export interface ProbabilityTable<Role extends SplitRole> extends Split<Role> {
  /** p̂_π, [N, C] row-major. */
  probabilities(path: Path): Float32Array;
  /** What the head at the end of `path` has read, [N, D] row-major; gates that look at the class token need it. */
  exitFeatures?(path: Path): Float32Array;
}
