import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openByteSource, writeFileAtomically } from "@quee/artifacts";
import { legalPaths, type Path, type Policy, type SplitRole } from "@quee/core";
import { fitErrorTargets, targetsOf } from "@quee/error-target-clustering";
import { trainGates } from "@quee/gate-predictors";
import {
  createPathTable,
  type ElementType,
  encodeTablePart,
  openTableParts,
  type PathTable,
  replay,
  takeSamples,
} from "@quee/path-tables";
import { randomStream, softmaxRows } from "@quee/tensor";
import { mergeTables } from "../methods/merge-tables.js";
import { measureRivals } from "./measure-rivals.js";
import { classCount, levels, partSize, space } from "./shapes.js";

/** What a table in files takes of a process that has nothing else to do. */
export interface TableCost {
  readonly images: number;
  readonly elementType: ElementType;
  readonly diskBytes: number;
  /** Of the whole process, at its largest. */
  readonly peakBytes: number;
  readonly seconds: Readonly<Record<"write" | "cluster" | "targets" | "gates" | "replay" | "rivals", number>>;
}

/** Validation images that cells are fitted on, and gates stop by: they do not grow with the training images. */
const validationImages = 1_024;
/** So little that 2,000 images fill it: what then grows with the images is no cache. */
const budget = { cacheBytes: 12 * 2 ** 20, memoryBytes: 4 * 2 ** 20 };
/** One gate after the first block, with its 4 prefixes and candidates: the reading is what is measured. */
const short = { ...space, exitCount: 2 };

/** What heads have read: class token and mean patch of ViT-S. */
const featureWidth = 768;

/** Writes synthetic tables part by part, reads them as clustering, gates, replay and rivals do, and removes them. */
export async function measureTables(images: number, elementType: ElementType, signal: AbortSignal): Promise<TableCost> {
  const folder = mkdtempSync(join(tmpdir(), "quee-scale-"));
  const seconds = { write: 0, cluster: 0, targets: 0, gates: 0, replay: 0, rivals: 0 };
  const timed = async <Result>(what: keyof typeof seconds, work: () => Promise<Result>): Promise<Result> => {
    signal.throwIfAborted();
    const begun = performance.now();
    const result = await work();
    seconds[what] = (performance.now() - begun) / 1_000;
    return result;
  };
  try {
    const files: string[] = [];
    const write = async <Role extends SplitRole>(role: Role, paths: readonly Path[], featurePaths: readonly Path[]) => {
      const own: string[] = [];
      for (let from = 0; from < images; from += partSize) {
        const table = syntheticPart(role, paths, from, Math.min(partSize, images - from));
        const file = join(folder, `${role}-${paths.length}-${from}.qpp`);
        await writeFileAtomically(file, encodeTablePart(table, { from, elementType, featurePaths }));
        own.push(file);
      }
      files.push(...own);
      return openTableParts(own.map(openByteSource), role, budget);
    };
    const paths = legalPaths(short);
    const first = paths.slice(0, 1);
    const { train, validation, features } = await timed("write", async () => ({
      train: await write("train", legalPaths(space), []),
      validation: await write("validation", paths, first),
      // Apart, as the paths and features of rivals are.
      features: await write("train", first, first),
    }));
    const few = Int32Array.from({ length: Math.min(images, validationImages) }, (_, i) => i);
    const fitted = takeSamples(validation, few);
    const targets = await timed("cluster", () =>
      fitErrorTargets({ table: fitted, clusterCount: 10, restarts: 1, seed: 1, signal }),
    );
    await timed("targets", async () => paths.map((path) => targetsOf(targets, path, train)));
    await timed("gates", () =>
      trainGates({
        ...{ train, validation: fitted, space: short, targets: (path, table) => targetsOf(targets, path, table) },
        ...{ memoryBytes: budget.memoryBytes, embedding: 8, hidden: 32, batchSize: 128, maxEpochs: 1, seed: 1, signal },
      }),
    );
    await timed("replay", async () => replay(everywhere, train, { space }));
    await timed("rivals", () =>
      measureRivals(
        { space: short, train: mergeTables(train, features), validation, memoryBytes: budget.memoryBytes, signal },
        (path, table) => targetsOf(targets, path, table),
      ),
    );
    const diskBytes = files.reduce((sum, file) => sum + openByteSource(file).length, 0);
    return { images, elementType, diskBytes, peakBytes: process.resourceUsage().maxRSS * 1_024, seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends images every way, by what they look like: a replay of it reads most of the table. */
const everywhere: Policy = {
  name: "everywhere",
  decide: ({ prefix, history, count, classCount: width }) =>
    Array.from({ length: count }, (_, i) => {
      const lot = Math.floor(1e6 * (history.at(-1)?.[i * width] ?? 0));
      const legal = levels.filter((level) => level <= (prefix.at(-1) ?? level));
      const bits = prefix.length === 0 ? legal[0] : legal[lot % legal.length];
      return bits === undefined || (prefix.length > 0 && lot % 7 === 0) ? { kind: "exit" } : { kind: "continue", bits };
    }),
};

/** Rows that differ from image to image and path to path, and cost little to make: shifted copies of a few. */
function syntheticPart<Role extends SplitRole>(
  role: Role,
  paths: readonly Path[],
  from: number,
  count: number,
): PathTable<Role> {
  const random = randomStream(1, "rows");
  const kinds = 64;
  const logits = Float32Array.from({ length: kinds * classCount }, () => 3 * random.normal());
  const rows = softmaxRows({ shape: [kinds, classCount], data: logits }).data;
  const table = createPathTable({
    role,
    classCount,
    labels: Int32Array.from({ length: count }, (_, i) => (from + i) % classCount),
    paths,
    probabilities: paths.map((_, p) => {
      const values = new Float32Array(count * classCount);
      for (let i = 0; i < count; i++) {
        const shift = (7 * (from + i)) % classCount;
        const row = rows.subarray(((from + i + p) % kinds) * classCount, (((from + i + p) % kinds) + 1) * classCount);
        values.set(row.subarray(shift), i * classCount);
        values.set(row.subarray(0, shift), i * classCount + classCount - shift);
      }
      return values;
    }),
  });
  const features = new Float32Array(count * featureWidth);
  for (let at = 0; at < features.length; at++) features[at] = Math.sin(from * featureWidth + at);
  return { ...table, exitFeatures: () => features };
}
