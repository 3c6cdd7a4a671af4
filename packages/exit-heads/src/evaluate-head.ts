import type { SplitRole } from "@quee/core";
import { argmaxRows, type Tensor } from "@quee/tensor";
import type { SampleRows } from "@quee/training";
import type { ExitHead } from "./exit-head.js";
import { featureRows } from "./feature-rows.js";
import { openHead, rowsAtOnce } from "./open-head.js";

export interface HeadScore {
  /** Mean −ln p(label), in nats. */
  readonly loss: number;
  /** Fraction of samples whose label is the most probable class. */
  readonly accuracy: number;
}

/** Samples of one exit. */
export interface LabelledFeatures {
  readonly role: SplitRole;
  /** [N, D], or rows of one column */
  readonly features: Tensor | SampleRows;
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
  const rows = featureRows(features);
  const opened = await openHead(rows.widths[0], classCount);
  return {
    async score(head) {
      const sum = { loss: 0, correct: 0 };
      for (const samples of rows.pieces) {
        for (let from = 0; from < samples.length; from += rowsAtOnce) {
          const some = samples.subarray(from, from + rowsAtOnce);
          addScores(sum, await opened.probabilities(head, rows.rows(0, some)), gather(labels, some));
        }
      }
      return meanOf(sum, labels.length);
    },
    release: opened.release,
  };
}

/** @param probabilities [N, K] @param labels [N] */
export function scoreOf(probabilities: Tensor, labels: Int32Array): HeadScore {
  const sum = { loss: 0, correct: 0 };
  addScores(sum, probabilities, labels);
  return meanOf(sum, labels.length);
}

/** Adds sample by sample, so that it does not matter how samples are cut. */
function addScores(sum: { loss: number; correct: number }, probabilities: Tensor, labels: Int32Array): void {
  const [count, classCount] = probabilities.shape;
  const predicted = argmaxRows(probabilities);
  for (let i = 0; i < count; i++) {
    // A probability that rounds to zero would make the loss infinite.
    sum.loss -= Math.log(Math.max(probabilities.data[i * classCount + labels[i]], Number.MIN_VALUE));
    if (predicted[i] === labels[i]) sum.correct++;
  }
}

function meanOf({ loss, correct }: { readonly loss: number; readonly correct: number }, count: number): HeadScore {
  return { loss: loss / count, accuracy: correct / count };
}

function gather(labels: Int32Array, samples: Int32Array): Int32Array {
  return samples.map((sample) => labels[sample]);
}
