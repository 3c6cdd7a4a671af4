import type { SplitRole } from "@quee/core";
import type { PathTable } from "@quee/path-tables";

/** p̂_π of every path on one split: the part of a path table that this room reads. */
export type ProbabilityTable<Role extends SplitRole> = Omit<PathTable<Role>, "paths">;
