import { legalPaths } from "@quee/core";
import { collectPathTable } from "@quee/path-runtime";
import { type ElementType, encodeTablePart } from "@quee/path-tables";
import { type Arithmetic, openRandomBlocks, randomImages } from "./random-blocks.js";
import { classCount, type Shape, space } from "./shapes.js";

/** What the walk over all paths takes of one image. */
export interface CollectionCost extends Shape {
  readonly arithmetic: Arithmetic;
  readonly paths: number;
  /** Timed, after one batch per worker that was not. */
  readonly images: number;
  readonly threads: number;
  /** As the clock went, whatever else the machine was doing. */
  readonly imagesPerSecond: number;
  /** Of all threads together. */
  readonly cpuSecondsPerImage: number;
  /** Of the tables, headers and labels among them. */
  readonly bytesPerImage: Readonly<Record<ElementType, number>>;
}

export interface MeasureCollectionOptions {
  readonly images: number;
  readonly threads: number;
  readonly batchSize: number;
  readonly arithmetic: Arithmetic;
  readonly signal: AbortSignal;
}

export async function measureCollection(shape: Shape, options: MeasureCollectionOptions): Promise<CollectionCost> {
  const { images, threads, batchSize, arithmetic, signal } = options;
  const { pool, blocks } = await openRandomBlocks(shape, { threads, arithmetic });
  const paths = legalPaths(space);
  const collect = (count: number) =>
    collectPathTable({
      ...{ pool, blocks, paths, batchSize, signal, role: "train" },
      images: { count, batch: (numbers) => randomImages(shape, numbers) },
      labels: Int32Array.from({ length: count }, (_, i) => i % classCount),
    });
  try {
    // Workers open a model when they first run it.
    await collect(threads * batchSize);
    const [begun, cpu] = [performance.now(), process.cpuUsage()];
    const table = await collect(images);
    const seconds = (performance.now() - begun) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    const bytesOf = (elementType: ElementType) =>
      encodeTablePart(table, { from: 0, elementType }).reduce((sum, { length }) => sum + length, 0) / images;
    const bytesPerImage = { float32: bytesOf("float32"), float16: bytesOf("float16") };
    return {
      ...{ ...shape, arithmetic, paths: paths.length, images, threads },
      ...{ imagesPerSecond: images / seconds, cpuSecondsPerImage: (user + system) / 1e6 / images, bytesPerImage },
    };
  } finally {
    await pool.close();
  }
}
