import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { zeros } from "@quee/tensor";
import type { VitAnatomy } from "@quee/vit-blocks";

/** Enough work for a clock, and no more than a second or two of waiting. */
const macsOfMeasurement = 5e9;

/** Multiply-accumulates per second of a network in one thread, over a batch of at most `batchSize`; the second run counts. */
export async function measureRate(
  graph: Graph,
  { input, imageShape }: VitAnatomy,
  macsPerImage: number,
  batchSize: number,
): Promise<number> {
  const batch = Math.max(1, Math.min(batchSize, Math.floor(macsOfMeasurement / macsPerImage)));
  const session = await openSession(GraphBuilder.from(graph).build());
  try {
    const images = zeros([batch, ...imageShape]);
    await session.run({ [input]: images });
    const begun = performance.now();
    await session.run({ [input]: images });
    return (batch * macsPerImage) / ((performance.now() - begun) / 1000);
  } finally {
    await session.release();
  }
}
