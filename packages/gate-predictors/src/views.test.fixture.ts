import { bits, type CostTable, type GateView, legalPaths, type Path, type PathSpace, pathKey } from "@quee/core";
import { randomStream, softmaxRows } from "@quee/tensor";
import type { ProbabilityTable } from "./probability-table.js";

export const space: PathSpace = {
  levels: [bits(5), bits(6), bits(8)],
  exitCount: 3,
  order: "monotone",
  firstBlock: "highest",
};

/** The cost of a path is the bits of its blocks, as a fraction of running all at the most. */
export function bitCosts(of: PathSpace): CostTable {
  const whole = Math.max(...of.levels) * of.exitCount;
  const costOf = (path: Path) => path.reduce((sum, level) => sum + level, 0) / whole;
  const byPath = new Map(legalPaths(of).map((path) => [pathKey(path), costOf(path)]));
  return { name: "bits", unit: "BitOPs", unitCost: whole, byPath };
}

/** Random probability vectors [count, classCount]; a larger scale makes them surer. */
export function randomProbabilities(count: number, classCount: number, seed: number, scale = 2): Float32Array {
  const random = randomStream(seed, "probabilities");
  const data = Float32Array.from({ length: count * classCount }, () => random.normal() * scale);
  return softmaxRows({ shape: [count, classCount], data }).data;
}

export function randomView(prefix: Path, count: number, classCount: number, seed: number): GateView {
  const history = prefix.map((_, block) => randomProbabilities(count, classCount, seed + block));
  return { prefix, count, classCount, history };
}

/** A table whose p̂ differ from path to path. */
export function randomTable<Role extends "train" | "validation" | "test">(
  role: Role,
  count: number,
  classCount: number,
  seed: number,
): ProbabilityTable<Role> {
  const random = randomStream(seed, "labels");
  const labels = Int32Array.from({ length: count }, () => random.below(classCount));
  const cache = new Map<string, Float32Array>();
  return {
    role,
    count,
    classCount,
    labels,
    probabilities(path) {
      const key = pathKey(path);
      const known = cache.get(key) ?? learnable(labels, classCount, path.length, `${seed} ${key}`);
      cache.set(key, known);
      return known;
    },
  };
}

/** Later exits are surer of the label; how sure an image is, is shared by all its paths. */
function learnable(labels: Int32Array, classCount: number, depth: number, name: string): Float32Array {
  const random = randomStream(0, name);
  const ease = randomStream(0, "ease");
  const logits = new Float32Array(labels.length * classCount);
  labels.forEach((label, i) => {
    const easy = ease.uniform();
    for (let k = 0; k < classCount; k++) {
      logits[i * classCount + k] = 0.5 * random.normal() + (k === label ? (1 + depth) * 2 * easy : 0);
    }
  });
  return softmaxRows({ shape: [labels.length, classCount], data: logits }).data;
}
