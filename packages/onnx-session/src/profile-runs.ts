import { encodeModel } from "@quee/onnx-codec";
import type { Graph } from "@quee/onnx-graph";
import * as ort from "onnxruntime-node";
import { nativeError } from "./native-errors.js";
import { toNative } from "./native-tensors.js";
import type { Tensors } from "./session.js";
import { nativeOptions } from "./session-options.js";

export interface ProfileOptions {
  /** What errors call the model. */
  readonly name: string;
  readonly runs: number;
  /** Where onnxruntime writes what it saw: this and a date make the name of a JSON file. */
  readonly filePrefix: string;
}

/** Runs a model on one thread while onnxruntime's profiler watches every operator. Watching costs time too. */
export async function profileRuns(
  model: Graph | Uint8Array,
  feeds: Tensors,
  { name, runs, filePrefix }: ProfileOptions,
): Promise<void> {
  const bytes = model instanceof Uint8Array ? model : encodeModel(model);
  const options = { ...nativeOptions({ threads: 1 }), enableProfiling: true, profileFilePrefix: filePrefix };
  try {
    const session = await ort.InferenceSession.create(bytes, options);
    const given: Record<string, ort.Tensor> = {};
    for (const input of session.inputMetadata) {
      const feed = feeds[input.name];
      if (input.isTensor && feed !== undefined) given[input.name] = toNative(feed, input.type, input.name);
    }
    for (let run = 0; run < runs; run++) await session.run(given);
    session.endProfiling();
    await session.release();
  } catch (cause) {
    throw nativeError("E_SESSION_RUN", name, cause);
  }
}
