import { jeiDnnLambdas, rowMemoryBytes } from "@quee/baselines";
import {
  elementBytesOf,
  float32Bytes,
  idleBytes,
  keptBytes,
  macsOfTree,
  overheads,
  running,
  type StageEstimate,
  sum,
} from "./overheads.js";
import type { RivalTable, RunShape } from "./run-shape.js";

const splits = ["train", "validation", "test"] as const;

/** The same walk along the paths of rivals. */
export function collectRivals(shape: RunShape, rate: number): StageEstimate {
  const { images, classCount, featureWidth, threads, levels, rivals } = shape;
  const over = (of: (table: RivalTable) => number) =>
    sum(splits.map((split) => images[split] * of(rivals.beyond[split])));
  const macs = over(({ runsOfBlock }) => macsOfTree(shape, runsOfBlock));
  return {
    name: "collect-rivals",
    seconds: (macs * overheads.fakeQuantization) / (rate * threads),
    peakBytes: running(shape, levels) + overheads.tablePartBytes,
    diskBytes: over(
      ({ paths, featurePaths }) =>
        paths * classCount * elementBytesOf(shape) + featurePaths * featureWidth * float32Bytes,
    ),
  };
}

/**
 * What stays of both tables of each split, what the largest training holds of training and validation images, a few numbers for each image
 * and path, and what is known of test images at every setting that was chosen. Rivals are fitted one after the other.
 */
export function rivals(shape: RunShape): StageEstimate {
  const { images, pathsOfLength, classCount, featureWidth, rivals: asked } = shape;
  const own = sum(pathsOfLength);
  const tables = splits.map((split) => {
    const { paths, featurePaths } = asked.beyond[split];
    const beyond = images[split] * (paths * classCount + featurePaths * featureWidth) * float32Bytes;
    return keptBytes(shape, images[split] * own * classCount * float32Bytes) + keptBytes(shape, beyond);
  });
  const rows = (count: number) => Math.max(0, ...asked.names.map((name) => heldBytes(shape, name, count)));
  const numbers = splits.map((split) => images[split] * (own + asked.beyond[split].paths) * float32Bytes);
  const results = images.test * bytesOfTestedImage * overheads.testedSettings * asked.names.length * asked.seeds;
  return {
    name: "rivals",
    seconds: null,
    peakBytes:
      idleBytes(shape) +
      sum(tables) +
      rows(images.train) +
      rows(images.validation) +
      Math.max(0, ...asked.names.map((name) => networkBytes(shape, name))) +
      sum(numbers) +
      results,
    diskBytes: results,
  };
}

/** Path, answer and whether it is right, of a test image at a setting. */
const bytesOfTestedImage = 9;

/** What a training holds of so many images, as much as it may at most. */
function heldBytes(shape: RunShape, rival: string, count: number): number {
  return Math.min(count * (heldNumbers[rival]?.(shape) ?? 0) * float32Bytes, rowMemoryBytes);
}

const featuresOfExits = ({ blockMacs, featureWidth }: RunShape) => (blockMacs.length - 1) * featureWidth;

/** Of an image, by rival; those that train nothing go through tables once. */
const heldNumbers: Readonly<Record<string, (shape: RunShape) => number>> = {
  ensemble: ({ blockMacs, classCount }) => blockMacs.length * classCount,
  deferral: ({ classCount }) => classCount,
  "deferral-probability": ({ classCount }) => classCount,
  "jei-dnn": featuresOfExits,
  "jei-dnn-published": featuresOfExits,
  "dqnet-gate": ({ featureWidth }) => featureWidth,
  "dqnet-gate-monotone": ({ featureWidth }) => featureWidth,
};

/** JEI-DNN trains heads of its own, one set for each λ side by side; what others train is small. */
function networkBytes({ blockMacs, classCount, featureWidth, headBatchSize }: RunShape, rival: string): number {
  if (!rival.startsWith("jei-dnn")) return 0;
  const sets = rival === "jei-dnn" ? jeiDnnLambdas.length : 1;
  const numbers = overheads.parameterCopies * (featureWidth + 1) + overheads.logitCopies * headBatchSize;
  return sets * (blockMacs.length - 1) * classCount * numbers * float32Bytes;
}
