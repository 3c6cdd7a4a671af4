import type { StageName } from "../run/run.js";
import type { RunShape } from "./run-shape.js";

const float32Bytes = 4;
/** A float32 in JSON, exact: `-0.012345679104328156,` */
const bytesOfJsonNumber = 22;
const megabyte = 2 ** 20;

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
  /** What allocators hold over what is in use. */
  heldMemory: 1.4,
} as const;

export interface StageEstimate {
  readonly name: StageName;
  readonly seconds: number;
  /** Of the whole process while the stage runs. */
  readonly peakBytes: number;
  /** Of what the stage leaves in the cache. */
  readonly diskBytes: number;
}

export interface Estimate {
  readonly stages: readonly StageEstimate[];
  readonly seconds: number;
  readonly peakBytes: number;
  readonly diskBytes: number;
  /** Of a path table on disk. */
  readonly bytesPerImageAndPath: number;
  readonly pathCount: number;
}

/**
 * Time, memory and disk of a run before it begins, from shapes alone.
 * @param macsPerSecond multiply-accumulates per second of the float network in one thread, as measured
 * @param toDo the stages that count; those that are not estimated here are left out
 */
export function estimateRun(shape: RunShape, macsPerSecond: number, toDo: readonly StageName[]): Estimate {
  const all = [
    trainHeads(shape, macsPerSecond),
    quantizeBlocks(shape, macsPerSecond),
    ...onTables(shape, macsPerSecond),
  ];
  const stages = all.filter(({ name }) => toDo.includes(name));
  return {
    stages,
    seconds: sum(stages.map(({ seconds }) => seconds)),
    peakBytes: Math.max(0, ...stages.map(({ peakBytes }) => peakBytes)),
    diskBytes: sum(stages.map(({ diskBytes }) => diskBytes)),
    bytesPerImageAndPath: shape.classCount * elementBytesOf(shape),
    pathCount: sum(shape.pathsOfLength),
  };
}

/** Features of the exits but the last, for all training and validation images, are in memory; heads are trained in one thread. */
function trainHeads(shape: RunShape, rate: number): StageEstimate {
  const { stemMacs, blockMacs, images, featureWidth, classCount, threads, headEpochs } = shape;
  const count = images.train + images.validation;
  const exits = blockMacs.length - 1;
  const perImage = stemMacs + sum(blockMacs.slice(0, -1));
  // Forward, the gradient of the weights, and a look at the validation images.
  const training = (2 * images.train + images.validation) * headEpochs * exits * featureWidth * classCount;
  return {
    name: "train-heads",
    seconds: (count * perImage) / (rate * threads) + training / rate,
    peakBytes: running(shape, 1) + count * exits * featureWidth * float32Bytes,
    diskBytes: exits * featureWidth * classCount * bytesOfJsonNumber,
  };
}

/** The search keeps to its budget, which few images do not fill; images of calibration are prepared once. */
function quantizeBlocks(shape: RunShape, rate: number): StageEstimate {
  const { stemMacs, blockMacs, images, quantizer, levels, threads, imageNumbers, weightBytes } = shape;
  const macs = images.calibration * (stemMacs + sum(blockMacs));
  const runs = quantizer.method === "ptq4vit" ? overheads.searchRuns : overheads.minMaxRuns;
  const budget = quantizer.method === "ptq4vit" ? quantizer.memoryMegabytes * megabyte : 0;
  return {
    name: "quantize-blocks",
    seconds: (macs * runs * levels) / (rate * threads),
    peakBytes: running(shape, 1) + budget + images.calibration * imageNumbers * float32Bytes,
    diskBytes: weightBytes * (levels + 1),
  };
}

function onTables(shape: RunShape, rate: number): readonly StageEstimate[] {
  const { images, pathsOfLength, classCount, stemMacs, blockMacs, threads, levels, clusters, gates, tables } = shape;
  const paths = sum(pathsOfLength);
  const rowBytes = classCount * float32Bytes;
  const counts = [images.train, images.validation, images.test];
  const all = sum(counts);
  // The stem runs in block 1.
  const treeMacs = sum(pathsOfLength.map((runs, j) => runs * ((j === 0 ? stemMacs : 0) + (blockMacs[j] ?? 0))));
  const inMemory = (count: number) => Math.min(count * paths * rowBytes, tables.memoryMegabytes * megabyte);
  const featureBytes = (count: number) =>
    Math.min(count * gates.prefixes * (2 * classCount + 4) * float32Bytes, overheads.gateFeatureBytes);
  const gateBytes = (count: number) => inMemory(count) + featureBytes(count) + count * paths * float32Bytes;
  const clusteredImages = Math.min(images.validation, clusters.images ?? Number.POSITIVE_INFINITY);
  const clusterMacs =
    clusteredImages * paths * clusters.count * classCount * clusters.restarts * overheads.clusterRounds;
  const gateMacs = images.train * gates.maxEpochs * gates.prefixes * (2 * classCount + 4) * gates.embedding * 3;
  const idle = overheads.processBytes + threads * overheads.workerBytes;
  const testFloatMacs = images.test * (stemMacs + sum(blockMacs));
  return [
    {
      name: "collect",
      seconds: (all * treeMacs * overheads.fakeQuantization + testFloatMacs) / (rate * threads),
      peakBytes: running(shape, levels + 1) + overheads.tablePartBytes,
      diskBytes: all * paths * classCount * elementBytesOf(shape),
    },
    {
      name: "cluster",
      seconds: clusterMacs / (overheads.clusterMacsPerSecond * threads),
      peakBytes: idle + inMemory(images.validation) + threads * images.validation * rowBytes,
      diskBytes: paths * clusters.count * rowBytes,
    },
    {
      name: "train-gates",
      seconds: gateMacs / overheads.gateMacsPerSecond,
      peakBytes: idle + gateBytes(images.train) + gateBytes(images.validation),
      diskBytes: 0,
    },
  ];
}

function elementBytesOf({ tables }: Pick<RunShape, "tables">): number {
  return tables.elements === "float16" ? float32Bytes / 2 : float32Bytes;
}

/** A process whose workers hold the network at so many levels and run a batch each. */
function running({ threads, weightBytes, activationBytes, batchSize }: RunShape, levels: number): number {
  const worker = overheads.workerBytes + overheads.weightCopies * levels * weightBytes + batchSize * activationBytes;
  return overheads.heldMemory * (overheads.processBytes + levels * weightBytes + threads * worker);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
