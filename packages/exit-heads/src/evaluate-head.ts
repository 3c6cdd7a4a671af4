import type { SplitRole } from "@quee/core";
import { argmaxRows, type Tensor } from "@quee/tensor";
import type { ExitHead } from "./exit-head.js";
import { openHead } from "./open-head.js";

export interface HeadScore {
  /** Mean −ln p(label), in nats. */
  readonly loss: number;
  /** Fraction of samples whose label is the most probable class. */
  readonly accuracy: number;
}

/** Samples of one exit. */
export interface LabelledFeatures {
  readonly role: SplitRole;
  /** [N, D] */
  readonly features: Tensor;
  /** [N] */
  readonly labels: Int32Array;
  readonly classCount: number;
}

export interface HeadScorer {
  score(head: ExitHead): Promise<HeadScore>;
  release(): Promise<void>;
}

/** Scores heads on one set of features again and again. */
export async function openHeadScorer({ features, labels, classCount }: LabelledFeatures): Promise<HeadScorer> {
  const opened = await openHead(features.shape[1], classCount);
  return {
    score: async (head) => scoreOf(await opened.probabilities(head, features), labels),
    release: opened.release,
  };
}

/** @param probabilities [N, K] @param labels [N] */
export function scoreOf(probabilities: Tensor, labels: Int32Array): HeadScore {
  const [count, classCount] = probabilities.shape;
  const predicted = argmaxRows(probabilities);
  let loss = 0;
  let correct = 0;
  for (let i = 0; i < count; i++) {
    // A probability that rounds to zero would make the loss infinite.
    loss -= Math.log(Math.max(probabilities.data[i * classCount + labels[i]], Number.MIN_VALUE));
    if (predicted[i] === labels[i]) correct++;
  }
  return { loss: loss / count, accuracy: correct / count };
}
