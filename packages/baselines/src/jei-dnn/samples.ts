import type { Path } from "@quee/core";
import { correctAlong, type PathTable } from "@quee/path-tables";
import type { Tensor } from "@quee/tensor";
import { oneHot, type SampleRows } from "@quee/training";
import { crossEntropiesAlong } from "../networks/cross-entropies.js";
import { featuresAlong } from "../networks/exit-features.js";

/** What JEI-DNN knows of samples beside features: labels, and how the frozen last exit answers. */
interface Answered {
  readonly labels: Int32Array;
  readonly classCount: number;
  /** CE of the last exit in nats, [n] */
  readonly lastLoss: Float64Array;
  /** 1 where the last exit is right, [n] */
  readonly lastRight: Uint8Array;
}

/** Samples as JEI-DNN is trained on. */
export interface JeiDnnSamples extends Answered {
  /** Of the exits that get heads, one column each, [N, F] */
  readonly features: SampleRows;
}

/** Some of them, in memory. */
export interface JeiDnnBatch extends Answered {
  /** By exit but the last, [n, F] */
  readonly features: readonly Tensor[];
}

/** @param exits the last is the frozen one */
export function jeiDnnSamples(table: PathTable, exits: readonly Path[], memoryBytes?: number): JeiDnnSamples {
  const { labels, classCount } = table;
  const last = exits[exits.length - 1];
  return {
    ...{ labels, classCount, features: featuresAlong(table, exits.slice(0, -1), memoryBytes) },
    lastLoss: crossEntropiesAlong(table, last),
    lastRight: correctAlong(table, last),
  };
}

/** Some of the samples, in the order given. */
export function takeSamples(samples: JeiDnnSamples, rows: Int32Array): JeiDnnBatch {
  const { labels, classCount, features, lastLoss, lastRight } = samples;
  return {
    classCount,
    labels: Int32Array.from(rows, (row) => labels[row]),
    features: features.widths.map((_, exit) => features.rows(exit, rows)),
    lastLoss: Float64Array.from(rows, (row) => lastLoss[row]),
    lastRight: Uint8Array.from(rows, (row) => lastRight[row]),
  };
}

/** All of the samples in their order, `size` or fewer at a time. */
export function* cutSamples(samples: JeiDnnSamples, size: number): Iterable<JeiDnnBatch> {
  for (const piece of samples.features.pieces) {
    for (let from = 0; from < piece.length; from += size) {
      yield takeSamples(samples, piece.subarray(from, from + size));
    }
  }
}

/** What the graphs of heads and exits take in for these samples. */
export function feedsOf({ labels, classCount, features }: JeiDnnBatch): Readonly<Record<string, Tensor>> {
  const byExit = features.map((of, l) => [`features_${l}`, of] as const);
  return { ...Object.fromEntries(byExit), targets: oneHot(labels, classCount) };
}
