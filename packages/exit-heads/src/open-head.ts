import { openSession } from "@quee/onnx-session";
import { softmaxRows, type Tensor, tensor, zeros } from "@quee/tensor";
import type { ExitHead } from "./exit-head.js";
import { headLogitsGraph } from "./head-graphs.js";

export interface OpenedHead {
  /** softmax(features·W + b) in float32. @param features [N, D] @returns [N, K] */
  probabilities(head: ExitHead, features: Tensor): Promise<Tensor>;
  release(): Promise<void>;
}

/** Of a run: how samples are cut says how sums round. */
export const rowsAtOnce = 4096;

/** Asks heads of one shape; weights go in with the features, so one session serves every head. */
export async function openHead(width: number, classCount: number): Promise<OpenedHead> {
  const session = await openSession(headLogitsGraph(width, classCount));
  return {
    async probabilities({ weight, bias }, features) {
      const [count] = features.shape;
      const all = zeros([count, classCount]);
      for (let from = 0; from < count; from += rowsAtOnce) {
        const rows = Math.min(rowsAtOnce, count - from);
        const piece = tensor([rows, width], features.data.subarray(from * width, (from + rows) * width));
        const { logits } = await session.run({ features: piece, weight, bias });
        all.data.set(softmaxRows(logits as Tensor).data, from * classCount);
      }
      return all;
    },
    release: () => session.release(),
  };
}
