import type { Session } from "@quee/onnx-session";
import type { Tensor } from "@quee/tensor";
import { feedsOf, type JeiDnnBatch } from "./samples.js";

/** What S sets of heads, and the frozen last exit, say about n samples. */
export interface ExitsOfSamples {
  /** What the gates see, [S, n, G, 4] */
  readonly statistics: Tensor;
  /** By set, [n, E] in nats each */
  readonly crossEntropy: readonly Float64Array[];
  /** By set, [n, E] each: 1 where the exit is right */
  readonly right: readonly Uint8Array[];
}

/** @param session of `exitsGraph` @param heads the state of the training of all sets */
export async function exitsOfSamples(
  session: Session,
  heads: ReadonlyMap<string, Tensor>,
  samples: JeiDnnBatch,
): Promise<ExitsOfSamples> {
  const { statistics, crossEntropy, answers } = await session.run({
    ...Object.fromEntries(heads),
    ...feedsOf(samples),
  });
  const { labels, lastLoss, lastRight } = samples;
  const [sets, count, gateCount] = statistics.shape;
  const exits = gateCount + 1;
  const losses: Float64Array[] = [];
  const right: Uint8Array[] = [];
  for (let s = 0; s < sets; s++) {
    const ownLosses = new Float64Array(count * exits);
    const ownRight = new Uint8Array(count * exits);
    for (let i = 0; i < count; i++) {
      for (let l = 0; l < gateCount; l++) {
        const from = (s * count + i) * gateCount + l;
        ownLosses[i * exits + l] = crossEntropy.data[from];
        ownRight[i * exits + l] = answers.data[from] === labels[i] ? 1 : 0;
      }
      ownLosses[i * exits + gateCount] = lastLoss[i];
      ownRight[i * exits + gateCount] = lastRight[i];
    }
    losses.push(ownLosses);
    right.push(ownRight);
  }
  return { statistics, crossEntropy: losses, right };
}
