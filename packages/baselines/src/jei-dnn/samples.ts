import { argmaxRows, type Tensor, tensor } from "@quee/tensor";
import { gatherRows, oneHot } from "@quee/training";
import { crossEntropies } from "../networks/cross-entropies.js";

/** Samples as JEI-DNN is trained on: features of the exits that get heads, and how the frozen last exit answers. */
export interface JeiDnnSamples {
  readonly labels: Int32Array;
  readonly classCount: number;
  /** By exit but the last, [n, F] */
  readonly features: readonly Tensor[];
  /** CE of the last exit in nats, [n] */
  readonly lastLoss: Float64Array;
  /** 1 where the last exit is right, [n] */
  readonly lastRight: Uint8Array;
}

/** @param last p̂ of the last exit, [n, K] */
export function jeiDnnSamples(labels: Int32Array, features: readonly Tensor[], last: Tensor): JeiDnnSamples {
  const classCount = last.shape[1];
  const answers = argmaxRows(last);
  return {
    ...{ labels, classCount, features },
    lastLoss: crossEntropies([last.data], labels, classCount),
    lastRight: Uint8Array.from(labels, (label, i) => (answers[i] === label ? 1 : 0)),
  };
}

/** Some of the samples, in the order given. */
export function takeSamples(samples: JeiDnnSamples, rows: Int32Array): JeiDnnSamples {
  const { labels, features, lastLoss, lastRight } = samples;
  return {
    ...samples,
    labels: Int32Array.from(rows, (row) => labels[row]),
    features: features.map((of) => gatherRows(of, rows)),
    lastLoss: Float64Array.from(rows, (row) => lastLoss[row]),
    lastRight: Uint8Array.from(rows, (row) => lastRight[row]),
  };
}

/** All of the samples in runs of `size` rows, which are views. */
export function cutSamples(samples: JeiDnnSamples, size: number): readonly JeiDnnSamples[] {
  const { labels, features, lastLoss, lastRight } = samples;
  return Array.from({ length: Math.ceil(labels.length / size) }, (_, run) => {
    const [from, until] = [run * size, Math.min(labels.length, (run + 1) * size)];
    return {
      ...samples,
      labels: labels.subarray(from, until),
      features: features.map(({ shape: [, width], data }) =>
        tensor([until - from, width], data.subarray(from * width, until * width)),
      ),
      lastLoss: lastLoss.subarray(from, until),
      lastRight: lastRight.subarray(from, until),
    };
  });
}

/** What the graphs of heads and exits take in for these samples. */
export function feedsOf({ labels, classCount, features }: JeiDnnSamples): Readonly<Record<string, Tensor>> {
  const byExit = features.map((of, l) => [`features_${l}`, of] as const);
  return { ...Object.fromEntries(byExit), targets: oneHot(labels, classCount) };
}
