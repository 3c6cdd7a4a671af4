import type { SessionPool } from "@quee/onnx-session";
import type { Tensor } from "@quee/tensor";
import { exitFeaturesOf, hiddenStatesOf, probabilitiesOf } from "./block-outputs.js";
import { type BlockSet, inputName } from "./block-set.js";
import type { ImageSource } from "./images.js";
import { type Allocate, type Batch, rowOf, stack, type Traveller } from "./travellers.js";

/** Carries a batch through one block; its travellers come back one block further. */
export async function runBatch({
  pool,
  blocks,
  images,
  block,
  batch,
  withFeatures,
  signal,
  allocate,
}: {
  readonly pool: Pick<SessionPool, "run">;
  readonly blocks: BlockSet;
  readonly images: ImageSource;
  /** 1 … E */
  readonly block: number;
  readonly batch: Batch;
  /** Keeps what the exit's head has read. */
  readonly withFeatures: boolean;
  readonly signal: AbortSignal | undefined;
  /** Makes the arrays that are given to the pool; new ones by default. */
  readonly allocate?: Allocate;
}): Promise<readonly Traveller[]> {
  const { bits, travellers } = batch;
  const { classCount, exitCount } = blocks;
  const count = travellers.length;
  const model = blocks.model(block, bits);
  const goesOn = block < exitCount;
  const fetch = ["logits", ...(goesOn ? ["hidden_states"] : []), ...(withFeatures ? ["exit_features"] : [])];
  const { input, isOurs } = await inputOf(travellers, images, allocate);
  const outputs = await pool.run(model, { [inputName(block)]: input }, { signal, fetch, transfer: isOurs });
  const probabilities = probabilitiesOf(outputs, model, count, classCount);
  const hidden = goesOn ? hiddenStatesOf(outputs, model, count) : null;
  const features = withFeatures ? exitFeaturesOf(outputs, model, count) : null;
  return travellers.map(({ image, path, history, exitFeatures }, i) => ({
    image,
    path: [...path, bits],
    history: [...history, probabilities.subarray(i * classCount, (i + 1) * classCount)],
    exitFeatures: features === null ? [] : [...exitFeatures, rowOf(features, i).data],
    hidden: hidden === null ? null : rowOf(hidden, i),
  }));
}

/**
 * What travellers carry, stacked, which is ours to give away; else the pixels of the source, before block 1. Travellers of a batch have
 * passed equally many blocks.
 */
async function inputOf(
  travellers: readonly Traveller[],
  images: ImageSource,
  allocate: Allocate | undefined,
): Promise<{ input: Tensor; isOurs: boolean }> {
  const rows = travellers.flatMap(({ hidden }) => (hidden === null ? [] : [hidden]));
  if (rows.length === travellers.length) return { input: stack(rows, allocate), isOurs: true };
  return { input: await images.batch(Int32Array.from(travellers, ({ image }) => image)), isOurs: false };
}
