import type { Graph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import type { Tensor } from "@quee/tensor";
import type { Site } from "@quee/vit-blocks";
import { noCalibrationImages } from "./calibration-images.js";
import type { Ranges } from "./min-max-encodings.js";
import { operandsOf } from "./operands.js";
import { largestMagnitude } from "./quantizers/uniform-quantizer.js";

/** A float block, and the sites in it that will be quantized. */
export interface CalibratedBlock {
  readonly graph: Graph;
  readonly sites: readonly Site[];
}

export interface CalibrationOptions {
  /** In running order: the `hidden_states` of one go into the next. */
  readonly blocks: readonly CalibratedBlock[];
  /** Images of the calibration split, batch by batch, [B, 3, H, W]. */
  readonly batches: Iterable<Tensor>;
  readonly signal?: AbortSignal;
}

/**
 * Runs the float network over the calibration images and notes how large every quantizable activation gets; only one batch is
 * in memory. All levels share the ranges: PTQ4ViT calibrates on the float network ("parallel", not layer after layer).
 * @returns one map per block
 */
export async function calibrateBlocks({ blocks, batches, signal }: CalibrationOptions): Promise<readonly Ranges[]> {
  const observed = await Promise.all(blocks.map(observe));
  let images = 0;
  try {
    for (const batch of batches) {
      images += batch.shape[0];
      let hidden = batch;
      for (const { session, values, input, ranges } of observed) {
        signal?.throwIfAborted();
        const outputs = await session.run({ [input]: hidden });
        for (const [value, output] of values) {
          const seen = largestMagnitude(outputs[output].data as Float32Array);
          const before = ranges.get(value) ?? 0;
          ranges.set(value, Number.isNaN(seen) ? seen : Math.max(before, seen));
        }
        hidden = outputs["hidden_states"] as Tensor;
      }
    }
  } finally {
    await Promise.all(observed.map(({ session }) => session.release()));
  }
  if (images === 0) throw noCalibrationImages();
  return observed.map(({ ranges }) => ranges);
}

async function observe({ graph, sites }: CalibratedBlock) {
  const activations = sites.flatMap((site) => operandsOf(graph, site)).filter(({ isWeight }) => !isWeight);
  const input = graph.inputs[0].name;
  const names = new Set(activations.map(({ value }) => value));
  const known = new Set(graph.outputs.map(({ name }) => name));
  // An input cannot be an output too, so it is watched through a copy.
  const isInput = names.has(input);
  const watched = [...names].filter((name) => name !== input);
  const session = await openSession({
    ...graph,
    nodes: isInput ? [...graph.nodes, copyOf(input)] : graph.nodes,
    outputs: [
      ...graph.outputs,
      ...watched.filter((name) => !known.has(name)).map((name) => ({ name, dtype: "float32" as const, shape: null })),
      ...(isInput ? [{ name: watchedInput, dtype: "float32" as const, shape: null }] : []),
    ],
  });
  const values = new Map([...names].map((name) => [name, name === input ? watchedInput : name]));
  return { session, input, values, ranges: new Map<string, number>() };
}

const watchedInput = "watched_input";

function copyOf(input: string) {
  return {
    name: watchedInput,
    op: "Identity",
    domain: "",
    inputs: [input],
    outputs: [watchedInput],
    attributes: new Map(),
  };
}
