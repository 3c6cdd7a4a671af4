import { uniformPaths } from "@quee/core";
import { preprocessor } from "@quee/datasets";
import type { Graph } from "@quee/onnx-graph";
import { openPool } from "@quee/onnx-session";
import { correctAlong, type PathTable } from "@quee/path-tables";
import { argmaxRows } from "@quee/tensor";
import type { Config } from "../config/schema.js";
import { answersOf } from "../quantize/answers.js";
import { openDataset } from "../stages/dataset.js";
import type { ModelFiles } from "../stages/model-files.js";
import { float } from "../stages/quantize-blocks.js";

export interface FullPrecisionOptions {
  readonly config: Pick<Config, "dataset" | "batchSize">;
  readonly model: ModelFiles;
  readonly network: Graph;
  readonly exitCount: number;
  readonly dataRoot: string;
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly onImages: (done: number, total: number) => void;
}

/** Top-1 of full precision on the validation images of a table: looked up where the run has it, else found out. */
export async function fullPrecisionTop1(
  table: PathTable<"validation">,
  options: FullPrecisionOptions,
): Promise<number> {
  const path = uniformPaths(float, options.exitCount).at(-1) ?? [];
  const isKnown = table.paths.some((known) => known.join() === path.join());
  const right = isKnown ? correctAlong(table, path) : await rightAnswers(table.labels, options);
  return right.reduce((sum, hit) => sum + hit, 0) / right.length;
}

async function rightAnswers(labels: Int32Array, options: FullPrecisionOptions): Promise<Uint8Array> {
  const { config, model, network, dataRoot, threads, signal, onImages } = options;
  const { validation } = await openDataset(config.dataset, dataRoot);
  const prepare = preprocessor(model.preprocessing);
  async function* batches() {
    for (let from = 0; from < validation.count; from += config.batchSize) {
      const size = Math.min(config.batchSize, validation.count - from);
      yield await prepare(
        validation,
        Int32Array.from({ length: size }, (_, i) => from + i),
      );
    }
  }
  const pool = await openPool({ workers: threads });
  try {
    const [logits] = await answersOf([network], batches(), {
      pool,
      signal,
      onImages: (done) => onImages(done, labels.length),
    });
    const answers = logits === undefined ? [] : argmaxRows(logits);
    return Uint8Array.from(labels, (label, i) => (answers[i] === label ? 1 : 0));
  } finally {
    await pool.close();
  }
}
