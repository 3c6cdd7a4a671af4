import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A stream of random numbers that depends on a seed and a name only. */
export interface Random {
  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number;
  /** Uniform whole number in [0, below). */
  below(below: number): number;
  /** Standard normal. */
  normal(): number;
  /** Fisher–Yates, in place. */
  shuffle(values: Int32Array | number[]): void;
  /** A random order of 0 … n − 1. */
  permutation(n: number): Int32Array;
}

/**
 * The sub-stream `name` of `seed`. Two names give unrelated streams, so that a stage that draws more numbers does not
 * change what another stage draws.
 */
export function randomStream(seed: number, name: string): Random {
  const generator = xoroshiro128plus(mix(seed, name));
  const uniform = () => (generator.next() >>> 0) / 2 ** 32;
  const below = (n: number) => Math.floor(uniform() * n);
  const shuffle = (values: Int32Array | number[]) => {
    for (let i = values.length - 1; i > 0; i--) {
      const j = below(i + 1);
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
  };
  return {
    uniform,
    below,
    shuffle,
    // Box–Muller; 1 − u keeps the logarithm finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    permutation: (n) => {
      const order = Int32Array.from({ length: n }, (_, i) => i);
      shuffle(order);
      return order;
    },
  };
}

/** FNV-1a over the name, with the seed as its basis, finished as in MurmurHash3. */
function mix(seed: number, name: string): number {
  let hash = (seed ^ 0x811c9dc5) | 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
