import type { Path, SplitRole } from "@quee/core";

/** What a table is made of. */
export interface PathTableParts<Role extends SplitRole> {
  readonly role: Role;
  readonly classCount: number;
  /** [N], each in 0 … classCount − 1 */
  readonly labels: Int32Array;
  readonly paths: readonly Path[];
  /** One array [N, K] per path, in the order of `paths`. */
  readonly probabilities: readonly Float32Array[];
}
