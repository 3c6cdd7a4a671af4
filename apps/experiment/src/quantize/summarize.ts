import type { Bits } from "@quee/core";
import { openPool } from "@quee/onnx-session";
import { type BlockEncodings, fakeQuantizeGraph, networkParts } from "@quee/ptq4vit-quantizer";
import type { Tensor } from "@quee/tensor";
import { agreementOf, answersOf } from "./answers.js";
import { type QuantizeJob, seenImages } from "./open-job.js";
import { preparedBatches } from "./prepared-batches.js";
import { type Summary, sizesOf } from "./summary.js";

/** Name of the network at a level. */
export function networkFile(level: Bits): string {
  return `network-w${level}a${level}.onnx`;
}

/** Sizes, and answers on images that nothing was calibrated on. */
export async function summarize(
  job: QuantizeJob,
  encodings: readonly BlockEncodings[],
  notes: Summary["notes"],
): Promise<Summary> {
  const { request, model, images, progress } = job;
  const { graph } = model.network;
  const seen = seenImages(job);
  const line = progress.begin("answers");
  const pool = await openPool({ workers: request.threads });
  try {
    const graphs = [graph, ...encodings.map((one) => fakeQuantizeGraph(graph, one))];
    const [float, ...quantized] = await answersOf(graphs, preparedBatches(model, seen), {
      ...{ pool, signal: request.signal },
      onImages: (done) => line.update(done, seen.count, "images"),
    });
    line.end(`${graphs.length} networks on ${seen.count} images`);
    const parts = networkParts(model.network);
    return {
      ...{ schemaVersion: 1, model: model.name, modelSha256: model.sha256, seed: request.seed, notes },
      settings: { ...request.settings, stem: request.stem },
      calibrationImages: images.calibration.count,
      images: seen.count,
      isHeldOut: seen === images.held,
      float: sizesOf(graph, null, parts),
      levels: encodings.map((one, l) => {
        const { klDivergence, sameAnswers } = agreementOf(float as Tensor, quantized[l] as Tensor, seen.labels);
        return {
          ...{ bits: one.bits, file: networkFile(one.bits), klDivergence, sameAnswers },
          ...sizesOf(graph, one, parts),
        };
      }),
    };
  } finally {
    await pool.close();
  }
}
