import { type Bits, type CostTable, costOf, type Path, QueeError } from "@quee/core";
import type { Gates } from "@quee/gate-predictors";
import { openPool, type SessionPool } from "@quee/onnx-session";
import { type BlockSet, type ImageSource, runLive } from "@quee/path-runtime";
import { queePolicy } from "@quee/router";
import type { Tensor } from "@quee/tensor";

export interface AdaptiveClassifierOptions {
  /** ONNX bytes of block 1 … E at a level. Block 1 takes `pixel_values`, see `@quee/path-runtime`. */
  readonly model: (block: number, bits: Bits) => Uint8Array;
  readonly gates: Gates;
  readonly costs: CostTable;
  /** Threads beside this one, one intra-op thread each. Default 1. */
  readonly workers?: number;
  /** Images that go through a block together, at most. Default 32. */
  readonly batchSize?: number;
}

export interface ClassifyOptions {
  /** What a whole unit of cost is worth in probability of error: 0 spares nothing, above 3 or so everything exits first. */
  readonly lambda: number;
  readonly signal?: AbortSignal;
}

/** The answer for one image. */
export interface Classification {
  readonly class: number;
  /** [K] */
  readonly probabilities: Float32Array;
  readonly path: Path;
  /** Of the path, as a fraction of running everything at the most bits. */
  readonly cost: number;
}

/** QuEE behind one class: blocks, gates and router of a trained network. QuEE (arXiv 2406.14404), section 4, inference. */
export class AdaptiveClassifier {
  readonly #pool: SessionPool;
  readonly #blocks: BlockSet;
  readonly #options: AdaptiveClassifierOptions;

  private constructor(options: AdaptiveClassifierOptions, pool: SessionPool, blocks: BlockSet) {
    this.#options = options;
    this.#pool = pool;
    this.#blocks = blocks;
  }

  /** Makes every block at every level known to the workers; each opens a model when it first runs it. */
  static async open(options: AdaptiveClassifierOptions): Promise<AdaptiveClassifier> {
    const { gates, model, workers = 1 } = options;
    const { exitCount, levels } = gates.space;
    const blocks: BlockSet = {
      exitCount,
      classCount: gates.architecture.classCount,
      model: (block, bits) => `block ${block} at ${bits} bits`,
    };
    const pool = await openPool({ workers });
    try {
      for (let block = 1; block <= exitCount; block++) {
        for (const level of levels) pool.register(blocks.model(block, level), model(block, level));
      }
    } catch (error) {
      await pool.close();
      throw error;
    }
    return new AdaptiveClassifier(options, pool, blocks);
  }

  /** @param images preprocessed, [N, C, H, W] @returns one answer per image, in order */
  async classify(images: Tensor, { lambda, signal }: ClassifyOptions): Promise<readonly Classification[]> {
    const { gates, costs, batchSize = 32 } = this.#options;
    const { paths, pathIndex, prediction, probabilities } = await runLive({
      pool: this.#pool,
      blocks: this.#blocks,
      policy: queePolicy({ predict: (view) => gates.predict(view), costs, lambda, space: gates.space }),
      images: rowsOf(images),
      batchSize,
      ...(signal === undefined ? {} : { signal }),
    });
    const { classCount } = this.#blocks;
    return Array.from(pathIndex, (p, i) => {
      const path = paths[p] ?? [];
      return {
        class: prediction[i] ?? 0,
        probabilities: probabilities.slice(i * classCount, (i + 1) * classCount),
        path,
        cost: costOf(costs, path),
      };
    });
  }

  /** Ends the workers. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/** A batch as a source of its images. */
function rowsOf({ shape, data }: Tensor): ImageSource {
  const [count, ...image] = shape;
  if (count === undefined || image.length !== 3) {
    throw new QueeError({
      code: "E_IMAGES",
      kind: "input",
      where: "images",
      expected: "the shape [N, C, H, W]",
      got: `[${shape.join(", ")}]`,
    });
  }
  const size = image.reduce((product, dim) => product * dim, 1);
  return {
    count,
    batch: (indices) => {
      const rows = new Float32Array(indices.length * size);
      for (const [row, i] of indices.entries()) rows.set(data.subarray(i * size, (i + 1) * size), row * size);
      return { shape: [indices.length, ...image], data: rows };
    },
  };
}
