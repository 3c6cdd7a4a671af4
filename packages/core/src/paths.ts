import { QueeError } from "./errors.js";

type Brand<T, Name extends string> = T & { readonly __brand: Name };

/** A bit-width of weights and activations, 2 … 32 (32 is float). */
export type Bits = Brand<number, "Bits">;

export function bits(width: number): Bits {
  if (!Number.isInteger(width) || width < 2 || width > 32) {
    throw new QueeError({
      code: "E_BITS",
      kind: "config",
      where: "bits",
      expected: "a whole number from 2 to 32",
      got: String(width),
    });
  }
  return width as Bits;
}

/**
 * π = b₁ → … → b_e: the bits of every block that runs; the exit is after the last of them, so 1 ≤ e ≤ E.
 * QuEE (arXiv 2406.14404), equation 6.
 */
export type Path = readonly Bits[];

/** `8-8-6`: the name of a path in files, maps and figures. */
export type PathKey = Brand<string, "PathKey">;

export function pathKey(path: Path): PathKey {
  return path.join("-") as PathKey;
}

export function parsePathKey(key: string): Path {
  return key.split("-").map((part) => bits(Number(part)));
}

export interface PathSpace {
  /** The levels that a block may run at, in any order. */
  readonly levels: readonly Bits[];
  /** E: blocks, each with an exit behind it. */
  readonly exitCount: number;
  /** `monotone` never goes from fewer bits to more (QuEE, section 5.2). */
  readonly order: "monotone" | "any";
  /** `highest` starts every path at the most bits (QuEE, section 5.1). */
  readonly firstBlock: "highest" | "any";
  /**
   * Where given, only these of the paths that the rules above allow, see `samplePaths`. It holds for clusters, gates and
   * routing alike, since all of them ask `legalPaths` and `nextLevels`.
   */
  readonly only?: readonly Path[];
}

/** The bits that may follow `prefix`, most bits first. */
export function nextLevels(prefix: Path, { only, ...rules }: PathSpace): readonly Bits[] {
  const levels = levelsByRule(prefix, rules);
  if (only === undefined) return levels;
  return levels.filter((level) => only.some((path) => startsWith(path, [...prefix, level])));
}

function levelsByRule(prefix: Path, space: PathSpace): readonly Bits[] {
  if (prefix.length >= space.exitCount) return [];
  const descending = [...space.levels].sort((a, b) => b - a);
  const last = prefix.at(-1);
  if (last === undefined) return space.firstBlock === "highest" ? descending.slice(0, 1) : descending;
  return space.order === "monotone" ? descending.filter((level) => level <= last) : descending;
}

/** Every legal path: shorter before longer, more bits before fewer. */
export function legalPaths({ only, ...space }: PathSpace): readonly Path[] {
  const paths: Path[] = [];
  let ofThisLength: readonly Path[] = [[]];
  for (let length = 1; length <= space.exitCount; length++) {
    ofThisLength = ofThisLength.flatMap((prefix) => nextLevels(prefix, space).map((level) => [...prefix, level]));
    paths.push(...ofThisLength);
  }
  if (only === undefined) return paths;
  const kept = new Set(only.map(pathKey));
  return paths.filter((path) => kept.has(pathKey(path)));
}

/** b → b → … : the paths that the whole network at one bit-width takes, one per exit. */
export function uniformPaths(level: Bits, exitCount: number): readonly Path[] {
  return Array.from({ length: exitCount }, (_, e) => Array.from({ length: e + 1 }, () => level));
}

/** True where `path` begins with `prefix`; a path begins with itself (P_π contains π). */
export function startsWith(path: Path, prefix: Path): boolean {
  return prefix.length <= path.length && prefix.every((level, j) => path[j] === level);
}
