import type { SplitRole } from "@quee/core";
import { openSession } from "@quee/onnx-session";
import { argmaxRows, softmaxRows, type Tensor, tensor } from "@quee/tensor";
import type { ExitHead } from "./exit-head.js";
import { headLogitsGraph } from "./head-graphs.js";

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

const ROWS_AT_ONCE = 4096;

/** Scores heads on one set of features again and again. */
export async function openHeadScorer({ features, labels, classCount }: LabelledFeatures): Promise<HeadScorer> {
  const [count, width] = features.shape;
  const session = await openSession(headLogitsGraph(width, classCount));
  return {
    async score({ weight, bias }) {
      let loss = 0;
      let correct = 0;
      for (let from = 0; from < count; from += ROWS_AT_ONCE) {
        const rows = Math.min(ROWS_AT_ONCE, count - from);
        const piece = tensor([rows, width], features.data.subarray(from * width, (from + rows) * width));
        const { logits } = await session.run({ features: piece, weight, bias });
        const probabilities = softmaxRows(logits as Tensor);
        const predicted = argmaxRows(probabilities);
        for (let i = 0; i < rows; i++) {
          const label = labels[from + i];
          // A probability that rounds to zero would make the loss infinite.
          loss -= Math.log(Math.max(probabilities.data[i * classCount + label], Number.MIN_VALUE));
          if (predicted[i] === label) correct++;
        }
      }
      return { loss: loss / count, accuracy: correct / count };
    },
    release: () => session.release(),
  };
}
