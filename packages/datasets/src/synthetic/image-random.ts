/** Random numbers of one image. Only additions, shifts and products: the same on every platform. */
export interface ImageRandom {
  /** 32 random bits. */
  bits(): number;
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Uniform whole number in [0, below). */
  below(below: number): number;
  /** −1 or 1. */
  sign(): number;
  chance(probability: number): boolean;
}

/**
 * sfc32 (Doty-Humphrey, PractRand) with (seed, stream, index) as its state: two images never share a state, while a seed
 * hashed to 32 bits would repeat test images among a few million training images.
 */
export function imageRandom(seed: number, stream: string, index: number): ImageRandom {
  let a = seed | 0;
  let b = hashOf(stream);
  let c = index | 0;
  let counter = Math.floor(index / 2 ** 32) + 1;
  const bits = () => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let round = 0; round < 15; round++) bits();
  const uniform = () => bits() / 2 ** 32;
  return {
    bits,
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    below: (below) => Math.floor(uniform() * below),
    sign: () => (uniform() < 0.5 ? -1 : 1),
    chance: (probability) => uniform() < probability,
  };
}

/** FNV-1a. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash;
}
