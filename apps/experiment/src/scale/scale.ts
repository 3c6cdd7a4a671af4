import type { ElementType } from "@quee/path-tables";
import { compareRounding } from "./compare-rounding.js";
import { tablesInOwnProcess } from "./in-own-process.js";
import { type CollectionCost, measureCollection } from "./measure-collection.js";
import { measureTables, type TableCost } from "./measure-tables.js";
import type { Arithmetic } from "./random-blocks.js";
import { collectionLines, roundingLines, tableLines } from "./scale-lines.js";
import { shapes } from "./shapes.js";
import { imagenetImages, wholeCost } from "./whole-cost.js";

export interface ScaleRequest {
  /** Images to time per network; 0 to leave it out. */
  readonly images: number;
  /** Images of the synthetic tables; each is written, read and removed. */
  readonly tables: readonly number[];
  readonly elements: ElementType;
  /** Folder of a collect stage on which to find out what float16 changes. */
  readonly rounding?: string;
  readonly threads: number;
  readonly batchSize: number;
  readonly arithmetic: Arithmetic;
  /** Set where this process is there to find out what the tables of so many images take. */
  readonly measureTables?: number;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}

/** Says what an experiment at the size of ImageNet takes of this machine: time and disk of its tables, memory of what reads them. */
export async function scale(request: ScaleRequest): Promise<void> {
  const { tables, elements, threads, isJson, signal } = request;
  if (request.measureTables !== undefined) {
    console.log(JSON.stringify(await measureTables(request.measureTables, elements, signal)));
    return;
  }
  const say = (text: string) => {
    if (!isJson) console.log(`${text}\n`);
  };
  // First, while this process is small: the system counts what a parent held as the largest memory of its child.
  const costs: TableCost[] = [];
  for (const images of tables) costs.push(await tablesInOwnProcess(images, elements, signal));
  if (costs.length > 0) say(`Tables in files: 35 paths, 1,000 classes\n${tableLines(costs)}`);
  const collections: CollectionCost[] = [];
  if (request.images > 0) for (const shape of shapes) collections.push(await measureCollection(shape, request));
  if (collections.length > 0) {
    say(
      `Collecting the tables of ${imagenetImages.toLocaleString("en-GB")} images with ${threads} threads\n${collectionLines(collections)}`,
    );
  }
  const rounding = request.rounding === undefined ? null : await compareRounding(request.rounding, signal);
  if (rounding !== null) say(`What float16 changes\n${roundingLines(rounding)}`);
  if (!isJson) return;
  const whole = collections.map((cost) => ({ ...cost, imagenet: wholeCost(cost, imagenetImages) }));
  console.log(JSON.stringify({ threads, collections: whole, tables: costs, rounding }));
}
