import type { StageName } from "../run/run.js";
import { collectRivals, rivals } from "./estimate-rivals.js";
import {
  elementBytesOf,
  float32Bytes,
  idleBytes,
  keptBytes,
  macsOfTree,
  megabyte,
  overheads,
  running,
  type StageEstimate,
  sum,
} from "./overheads.js";
import type { RunShape } from "./run-shape.js";

/** A float32 in JSON, exact: `-0.012345679104328156,` */
const bytesOfJsonNumber = 22;

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
    collectRivals(shape, macsPerSecond),
    rivals(shape),
  ];
  const stages = all.filter(({ name }) => toDo.includes(name));
  return {
    stages,
    seconds: sum(stages.map(({ seconds }) => seconds ?? 0)),
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
  const { images, pathsOfLength, classCount, stemMacs, blockMacs, threads, levels, clusters, gates } = shape;
  const paths = sum(pathsOfLength);
  const rowBytes = classCount * float32Bytes;
  const counts = [images.train, images.validation, images.test];
  const all = sum(counts);
  const treeMacs = macsOfTree(shape, pathsOfLength);
  const inMemory = (count: number) => keptBytes(shape, count * paths * rowBytes);
  const featureBytes = (count: number) =>
    Math.min(count * gates.prefixes * (2 * classCount + 4) * float32Bytes, overheads.gateFeatureBytes);
  const gateBytes = (count: number) => inMemory(count) + featureBytes(count) + count * paths * float32Bytes;
  const clusteredImages = Math.min(images.validation, clusters.images ?? Number.POSITIVE_INFINITY);
  const clusterMacs =
    clusteredImages * paths * clusters.count * classCount * clusters.restarts * overheads.clusterRounds;
  const gateMacs = images.train * gates.maxEpochs * gates.prefixes * (2 * classCount + 4) * gates.embedding * 3;
  const idle = idleBytes(shape);
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
