import type { SplitRole } from "@quee/core";
import { type AnyImageSplit, type PreprocessorConfig, preprocessor } from "@quee/datasets";
import type { Graph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { argmaxRows, type Tensor } from "@quee/tensor";

export interface ScoreOptions {
  readonly preprocessing: PreprocessorConfig;
  /** Images that go through the network together. */
  readonly batchSize: number;
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** Share of images that a network (`pixel_values` → `logits`) classifies right. */
export async function top1Of<Role extends SplitRole>(
  graph: Graph,
  split: AnyImageSplit<Role>,
  { preprocessing, batchSize, threads, signal }: ScoreOptions,
): Promise<number> {
  const prepare = preprocessor(preprocessing);
  const session = await openSession(graph, { threads });
  try {
    let right = 0;
    for (let from = 0; from < split.count; from += batchSize) {
      // Lets signals through: a run holds the event loop.
      await new Promise((next) => setImmediate(next));
      signal.throwIfAborted();
      const indices = Int32Array.from({ length: Math.min(batchSize, split.count - from) }, (_, i) => from + i);
      const { logits } = await session.run({ pixel_values: await prepare(split, indices) });
      const predicted = argmaxRows(logits as Tensor);
      for (const [i, index] of indices.entries()) if (predicted[i] === split.labels[index]) right++;
    }
    return right / split.count;
  } finally {
    await session.release();
  }
}
