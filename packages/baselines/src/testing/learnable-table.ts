import { legalPaths, type Path, type PathSpace, pathKey, type SplitRole, uniformPaths } from "@quee/core";
import { createPathTable, type PathTable } from "@quee/path-tables";
import { type Random, randomStream, softmaxRows, tensor } from "@quee/tensor";

export const featureWidth = 8;

/**
 * A table on which there is something to learn. Every sample has a class and is easy or hard; easy ones are answered well at
 * every exit and at all bits, hard ones only late and at many bits. Exit features show both, with noise.
 */
export function learnableTable<Role extends SplitRole>(
  role: Role,
  { space, count, classCount, seed }: { space: PathSpace; count: number; classCount: number; seed: number },
): PathTable<Role> {
  const random = randomStream(seed, `learnable ${role}`);
  const labels = Int32Array.from({ length: count }, () => random.below(classCount));
  const hard = Uint8Array.from({ length: count }, () => random.below(2));
  const paths = everyPath(space);
  const mostBits = Math.max(...space.levels);
  const probabilities = paths.map((path) => {
    const stream = randomStream(seed, `learnable ${role} ${pathKey(path)}`);
    const logits = Float32Array.from({ length: count * classCount }, (_, at) => {
      const i = Math.floor(at / classCount);
      return strength(path, mostBits, hard[i] === 1) * Number(at % classCount === labels[i]) + stream.normal();
    });
    return softmaxRows(tensor([count, classCount], logits)).data;
  });
  const table = createPathTable({ role, classCount, labels, paths, probabilities });
  const features = new Map(paths.map((path) => [pathKey(path), featuresOf(path, mostBits, labels, hard, random)]));
  return { ...table, exitFeatures: (path) => features.get(pathKey(path)) ?? new Float32Array(0) };
}

function strength(path: Path, mostBits: number, hard: boolean): number {
  const lostBits = path.reduce((sum, level) => sum + (mostBits - level), 0);
  return hard ? 2 * (path.length - 1) - 0.5 * lostBits : 5;
}

/** [N, 8]: the class, how hard, noise. */
function featuresOf(path: Path, mostBits: number, labels: Int32Array, hard: Uint8Array, random: Random): Float32Array {
  const features = new Float32Array(labels.length * featureWidth);
  for (const [i, label] of labels.entries()) {
    const at = i * featureWidth;
    for (let f = 0; f < featureWidth; f++) features[at + f] = 0.5 * random.normal();
    features[at + label] += Math.max(0, strength(path, mostBits, hard[i] === 1)) / 2;
    features[at + featureWidth - 1] += 2 * hard[i];
  }
  return features;
}

/** What any rival may ask for. */
function everyPath(space: PathSpace): readonly Path[] {
  const all = [
    ...legalPaths({ ...space, order: "any" }),
    ...space.levels.flatMap((level) => uniformPaths(level, space.exitCount)),
  ];
  return [...new Map(all.map((path) => [pathKey(path), path])).values()];
}
