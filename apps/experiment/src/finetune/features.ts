import { type StageCache, stageKey } from "@quee/artifacts";
import type { SplitRole } from "@quee/core";
import { type AnyImageSplit, type PreprocessorConfig, preprocessor } from "@quee/datasets";
import type { FeatureSplit } from "@quee/exit-heads";
import type { Graph } from "@quee/onnx-graph";
import { openPool, type SessionPool } from "@quee/onnx-session";
import type { Tensor } from "@quee/tensor";

/** Images whose features are kept when a training is stopped. */
const chunkSize = 1_000;

export interface FeatureOptions {
  /** `pixel_values` → `exit_features` [batch, F] */
  readonly graph: Graph;
  /** F */
  readonly width: number;
  /** Stands for the weights of the network. */
  readonly network: string;
  readonly preprocessing: PreprocessorConfig;
  readonly batchSize: number;
  /** Workers of one thread each. */
  readonly threads: number;
  /** What results depend on besides: onnxruntime and the processor family. */
  readonly platform: Readonly<Record<string, string>>;
  readonly cache: StageCache;
  readonly signal: AbortSignal;
  readonly onImages: (done: number) => void;
}

/** What a frozen network shows its head of each image, [N, F]; chunks of images are kept, so that a stopped training goes on. */
export async function featuresOf<Role extends SplitRole>(
  split: AnyImageSplit<Role>,
  digest: string,
  options: FeatureOptions,
): Promise<FeatureSplit<Role>> {
  const { width, cache, network, preprocessing, batchSize, platform } = options;
  const features: Tensor = { shape: [split.count, width], data: new Float32Array(split.count * width) };
  const pool = await openPool({ workers: options.threads });
  try {
    pool.register("features", options.graph);
    for (let from = 0; from < split.count; from += chunkSize) {
      const count = Math.min(chunkSize, split.count - from);
      const inputs = { network, preprocessing, images: digest, role: split.role, from, count, batchSize, platform };
      const { entry } = await cache.produce(
        stageKey({ stage: "finetune-features", version: 1, inputs }),
        async (draft) => {
          await draft.write("features.bin", bytesOf(await chunkOf(pool, split, from, count, options)));
        },
      );
      features.data.set(floatsOf(await entry.read("features.bin")), from * width);
      options.onImages(from + count);
    }
  } finally {
    await pool.close();
  }
  const { role, count, classCount, labels } = split;
  return { role, count, classCount, labels, features: [features] };
}

async function chunkOf(
  pool: SessionPool,
  split: AnyImageSplit<SplitRole>,
  from: number,
  count: number,
  { width, preprocessing, batchSize, signal, onImages }: FeatureOptions,
): Promise<Float32Array> {
  const prepare = preprocessor(preprocessing);
  const chunk = new Float32Array(count * width);
  const underWay: Promise<void>[] = [];
  let done = 0;
  for (let at = 0; at < count; at += batchSize) {
    signal.throwIfAborted();
    await pool.ready({ signal });
    const indices = Int32Array.from({ length: Math.min(batchSize, count - at) }, (_, i) => from + at + i);
    const images = await prepare(split, indices);
    const batch = pool.run("features", { pixel_values: images }, { signal }).then(({ exit_features: features }) => {
      chunk.set(features?.data as Float32Array, at * width);
      done += indices.length;
      onImages(from + done);
    });
    // Its failure is thrown where it is awaited; without a listener until then it would end the program.
    batch.catch(() => undefined);
    underWay.push(batch);
  }
  await Promise.all(underWay);
  return chunk;
}

function bytesOf(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}

function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.slice().buffer);
}
