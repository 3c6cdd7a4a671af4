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
  readonly imagesPerSecond: number;
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
    const begun = performance.now();
    const table = await collect(images);
    const seconds = (performance.now() - begun) / 1_000;
    const bytesOf = (elementType: ElementType) =>
      encodeTablePart(table, { from: 0, elementType }).reduce((sum, { length }) => sum + length, 0) / images;
    const bytesPerImage = { float32: bytesOf("float32"), float16: bytesOf("float16") };
    return { ...shape, arithmetic, paths: paths.length, images, imagesPerSecond: images / seconds, bytesPerImage };
  } finally {
    await pool.close();
  }
}
