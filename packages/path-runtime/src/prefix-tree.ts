import { type Bits, type Path, pathKey } from "@quee/core";

/** A block that runs once for all paths that begin the same way. */
export interface PrefixNode {
  /** The bits of every block up to and including this one; its length is the number of this block. */
  readonly path: Path;
  /** The exit behind this block was asked for. */
  readonly wanted: boolean;
  readonly children: readonly PrefixNode[];
}

/** The least forest that reaches every path: each (block, bits, prefix) once, in the order of first mention. */
export function prefixForest(paths: readonly Path[]): readonly PrefixNode[] {
  const wanted = new Set(paths.map(pathKey));
  const grow = (prefix: Path, through: readonly Path[]): readonly PrefixNode[] => {
    const byBits = new Map<Bits, Path[]>();
    for (const path of through) {
      const next = path[prefix.length];
      if (next === undefined) continue;
      const group = byBits.get(next);
      if (group === undefined) byBits.set(next, [path]);
      else group.push(path);
    }
    return [...byBits].map(([level, group]) => {
      const path = [...prefix, level];
      return { path, wanted: wanted.has(pathKey(path)), children: grow(path, group) };
    });
  };
  return grow([], paths);
}
