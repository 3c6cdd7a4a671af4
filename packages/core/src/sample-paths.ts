import { QueeError } from "./errors.js";
import { legalPaths, nextLevels, type Path, type PathSpace, pathKey, startsWith } from "./paths.js";

export interface SamplePathsOptions {
  /** Paths to keep, at most. QuEE (arXiv 2406.14404), section 5.2, keeps 50. */
  readonly count: number;
  /** Where the lots come from: `randomStream(seed, "paths")` of `@quee/tensor` will do. */
  readonly random: { permutation(n: number): ArrayLike<number> };
}

/**
 * A random subset of the legal paths that gates can still be asked about, for `PathSpace.only`.
 * - Every prefix of a kept path is kept, so that wherever an image comes, leaving there is a candidate.
 * - As many next levels as fit stay reachable: those behind the shortest prefixes come first, each with a completion drawn
 *   evenly from all there are. `1 + B·(E − 1)` paths suffice for all B levels behind a fixed first block.
 * - The rest is drawn evenly from what is left.
 *
 * To keep a completion of every level behind *every* prefix would be to keep everything: behind block E − 1 each level has
 * only one. Hence the order by length. All paths where `count` allows. The order is that of `legalPaths`.
 */
export function samplePaths(space: PathSpace, { count, random }: SamplePathsOptions): readonly Path[] {
  const paths = legalPaths(space);
  if (!Number.isInteger(count) || count < 1) throw badCount(count);
  if (count >= paths.length) return paths;
  const drawn = Array.from(random.permutation(paths.length), (p) => paths[p] as Path);
  const kept = new Set<string>();
  const keep = (path: Path) => {
    const missing = path.map((_, j) => pathKey(path.slice(0, j + 1))).filter((key) => !kept.has(key));
    if (kept.size + missing.length <= count) for (const key of missing) kept.add(key);
  };

  let prefixes: readonly Path[] = [[]];
  for (let length = 0; length < space.exitCount; length++) {
    const steps = prefixes.flatMap((prefix) => nextLevels(prefix, space).map((level) => [...prefix, level]));
    for (const step of steps) {
      if (kept.has(pathKey(step))) continue;
      const completion = drawn.find((path) => startsWith(path, step));
      if (completion !== undefined) keep(completion);
    }
    prefixes = steps.filter((step) => kept.has(pathKey(step)));
  }
  for (const path of drawn) keep(path);
  return paths.filter((path) => kept.has(pathKey(path)));
}

function badCount(count: number): QueeError {
  return new QueeError({
    code: "E_SAMPLE_COUNT",
    kind: "config",
    where: "count of sampled paths",
    expected: "a whole number above 0",
    got: String(count),
  });
}
