import { preprocessor } from "@quee/datasets";
import { zeros } from "@quee/tensor";
import type { ConfigFile } from "../config/schema.js";
import type { RunModel } from "../export/run-model.js";
import { openDataset } from "../stages/dataset.js";

/** Preprocessed test images, in memory: a bench of inference does not measure how they got there. */
export interface BenchImages {
  readonly count: number;
  readonly labels: Int32Array;
  /** Images `from … to − 1`, [to − from, C, H, W]; a view. */
  rows(from: number, to: number): { readonly shape: readonly number[]; readonly data: Float32Array };
}

export async function benchImages(
  { dataset }: Pick<ConfigFile, "dataset">,
  { files, model }: RunModel,
  wanted: number,
  dataRoot: string,
): Promise<BenchImages> {
  const { test } = await openDataset(dataset, dataRoot);
  const count = Math.min(wanted, test.count);
  const prepare = preprocessor(files.preprocessing);
  const all = zeros([count, ...model.imageShape]);
  const size = all.data.length / count;
  for (let from = 0; from < count; from += 64) {
    const n = Math.min(64, count - from);
    const { data } = await prepare(
      test,
      Int32Array.from({ length: n }, (_, i) => from + i),
    );
    all.data.set(data, from * size);
  }
  return {
    count,
    labels: test.labels.slice(0, count),
    rows: (from, to) => ({ shape: [to - from, ...model.imageShape], data: all.data.subarray(from * size, to * size) }),
  };
}
