import { alignedTable } from "../doctor/aligned-table.js";
import type { RoundingEffect } from "./compare-rounding.js";
import type { CollectionCost } from "./measure-collection.js";
import type { TableCost } from "./measure-tables.js";
import { imagenetImages, wholeCost } from "./whole-cost.js";

const number = (value: number, digits = 0) =>
  value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const gigabytes = (bytes: number) => number(bytes / 1e9, 1);

/** One row per network, and what all of ImageNet comes to. */
export function collectionLines(costs: readonly CollectionCost[]): string {
  const header = [
    "network",
    "tokens",
    "paths",
    "images",
    "images/s",
    "CPU s/image",
    "bytes/image f32",
    "f16",
    "ImageNet: days",
    "GB f32",
    "GB f16",
  ];
  const rows = costs.map((cost) => {
    const { days, diskBytes } = wholeCost(cost, imagenetImages);
    return [
      ...[`${cost.architecture}, ${cost.arithmetic}`, number(cost.tokens), number(cost.paths), number(cost.images)],
      ...[number(cost.imagesPerSecond, 2), number(cost.cpuSecondsPerImage, 2)],
      ...[number(cost.bytesPerImage.float32), number(cost.bytesPerImage.float16)],
      ...[number(days, 1), gigabytes(diskBytes.float32), gigabytes(diskBytes.float16)],
    ];
  });
  return alignedTable(header, rows);
}

/** One row per table in files. */
export function tableLines(costs: readonly TableCost[]): string {
  const header = [
    "images",
    "elements",
    "MB on disk",
    "MB of memory at most",
    "s: write",
    "cluster",
    "targets",
    "gates",
    "replay",
    "rivals",
  ];
  const rows = costs.map(({ images, elementType, diskBytes, peakBytes, seconds }) => [
    ...[number(images), elementType, number(diskBytes / 1e6), number(peakBytes / 1e6)],
    ...Object.values(seconds).map((value) => number(value, 1)),
  ]);
  return alignedTable(header, rows);
}

export function roundingLines(effect: RoundingEffect): string {
  const { images, paths, targetBrier, gateBrier } = effect;
  const small = (value: number) => value.toPrecision(3);
  return [
    `${images.train} + ${images.validation} + ${images.test} images, ${paths} paths`,
    `largest change of a probability       ${small(effect.largestChange)}`,
    `answers that become another class     ${small(effect.otherAnswers)}`,
    `mean change of error targets          ${small(effect.targetChange)}; of another seed ${small(effect.targetChangeOfSeeds)}`,
    `Brier score of targets                float32 ${targetBrier.float32.toFixed(5)}, float16 ${targetBrier.float16.toFixed(5)}`,
    `Brier score of gates                  float32 ${gateBrier.float32.toFixed(5)}, float16 ${gateBrier.float16.toFixed(5)}, ` +
      `float32 of another seed ${gateBrier.float32OtherSeed.toFixed(5)}`,
  ].join("\n");
}
