import { type Bits, legalPaths, type Path, type PathSpace, pathKey, QueeError, uniformPaths } from "@quee/core";
import type { RivalNeeds } from "./rival.js";

export function mostBits({ levels }: PathSpace): Bits {
  const [most] = levels.toSorted((a, b) => b - a);
  if (most !== undefined) return most;
  throw new QueeError({ code: "E_LEVELS", kind: "config", where: "levels", expected: "at least one", got: "none" });
}

/** The path through all blocks at the most bits, which early exits are taken from. */
export function fullPath(space: PathSpace): Path {
  return Array.from({ length: space.exitCount }, () => mostBits(space));
}

/** Every bit-width from first block to last. */
export function uniformFullPaths({ levels, exitCount }: PathSpace): readonly Path[] {
  return levels.toSorted((a, b) => b - a).map((level) => Array.from({ length: exitCount }, () => level));
}

/** Every legal path, and every bit-width from first block to each exit. */
export function staticPaths(space: PathSpace): readonly Path[] {
  const uniform = space.levels.flatMap((level) => uniformPaths(level, space.exitCount));
  return [...new Map([...legalPaths(space), ...uniform].map((path) => [pathKey(path), path])).values()];
}

/** A path and what comes before it, shortest first. */
export function prefixesOf(path: Path): readonly Path[] {
  return path.map((_, j) => path.slice(0, j + 1));
}

/** The needs of a rule that only reads p̂ of validation and test images. */
export function readsProbabilities(paths: readonly Path[]): RivalNeeds {
  return { trainPaths: [], paths, featurePaths: [] };
}
