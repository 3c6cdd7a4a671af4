import type { StageName } from "../run/run.js";
import type { RunShape } from "./run-shape.js";

export const float32Bytes = 4;
export const megabyte = 2 ** 20;

/**
 * What this program takes on top of what can be counted, fitted on runs of SVHN at 32×32, CIFAR-10 at 64×64 and 70×70 and ImageNet-shaped
 * images at 224×224 and 252×252 with the timings that `timings.json` reports; docs/bring-your-own-model.md shows how they were made.
 */
export const overheads = {
  /** Time of a block with values rounded to codes over that of the float block. */
  fakeQuantization: 1.15,
  /** Float runs of the network that the search of PTQ4ViT takes, per level and calibration image. */
  searchRuns: 120,
  /** The same for the largest magnitudes. */
  minMaxRuns: 1,
  /** Multiply-accumulates per second of k-means, per thread, and its rounds until nothing moves. */
  clusterMacsPerSecond: 1e9,
  clusterRounds: 20,
  /** Numbers of the first layer of gates that are trained per second, forward and backward, in one thread. */
  gateMacsPerSecond: 2e9,
  /** A process that has done nothing, and each of its workers. */
  processBytes: 250 * megabyte,
  workerBytes: 60 * megabyte,
  /** A part of a table and its bytes while it is collected, and what features of gates may take per table. */
  tablePartBytes: 128 * megabyte,
  gateFeatureBytes: 512 * megabyte,
  /** Times that a session has its weights: as they came, and packed for its products. */
  weightCopies: 2,
  /** Times that a training holds its parameters: as they are, two moments and the gradient, what a step puts out, and the best so far. */
  parameterCopies: 8,
  /** Values of the size of a batch's logits that a training of heads holds at each exit. */
  logitCopies: 10,
  /** Settings of a method that validation images choose, so that they go to the test images. */
  testedSettings: 50,
  /** What allocators hold over what is in use. */
  heldMemory: 1.4,
} as const;

export interface StageEstimate {
  readonly name: StageName;
  /** Null where that is not estimated. */
  readonly seconds: number | null;
  /** Of the whole process while the stage runs. */
  readonly peakBytes: number;
  /** Of what the stage leaves in the cache. */
  readonly diskBytes: number;
}

/** Of one image: the stem runs in block 1. @param runs of block 1, 2, … E */
export function macsOfTree({ stemMacs, blockMacs }: RunShape, runs: readonly number[]): number {
  return sum(runs.map((count, j) => count * ((j === 0 ? stemMacs : 0) + (blockMacs[j] ?? 0))));
}

/** Of a table of so many bytes. */
export function keptBytes({ tables }: Pick<RunShape, "tables">, bytes: number): number {
  return Math.min(bytes, tables.memoryMegabytes * megabyte);
}

export function idleBytes({ threads }: Pick<RunShape, "threads">): number {
  return overheads.processBytes + threads * overheads.workerBytes;
}

export function elementBytesOf({ tables }: Pick<RunShape, "tables">): number {
  return tables.elements === "float16" ? float32Bytes / 2 : float32Bytes;
}

/** A process whose workers hold the network at so many levels and run a batch each. */
export function running({ threads, weightBytes, activationBytes, batchSize }: RunShape, levels: number): number {
  const worker = overheads.workerBytes + overheads.weightCopies * levels * weightBytes + batchSize * activationBytes;
  return overheads.heldMemory * (overheads.processBytes + levels * weightBytes + threads * worker);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
