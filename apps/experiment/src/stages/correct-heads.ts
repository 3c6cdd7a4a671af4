import { setImmediate } from "node:timers/promises";
import type { StageEntry } from "@quee/artifacts";
import { type Bits, legalPaths, type Path, uniformPaths } from "@quee/core";
import {
  fitLogitAffines,
  type LogitAffine,
  leastProbability,
  logitAffinesSchema,
  logitAffinesToJson,
  parseLogitAffines,
} from "@quee/exit-heads";
import { mean } from "@quee/metrics";
import { correctAlong, type PathTable } from "@quee/path-tables";
import { z } from "zod";
import { type Fingerprinted, levelsOf, pathSpaceOf, type Run, runStage } from "../run/run.js";
import type { CollectedTables, Tables } from "./collect.js";
import { type CollectTableOptions, collectTable, tableInputs } from "./collect-table.js";
import type { Dataset } from "./dataset.js";
import { correctionOf, type HeadCorrection, uncorrected } from "./head-correction.js";
import type { Prepared } from "./prepare.js";
import { type QuantizedBlocks, registerBlocks } from "./quantize-blocks.js";

/** `logit-affines.json` */
export const affinesFile = "logit-affines.json";

/** Mean validation top-1 over the paths to each exit, on the very images of the fit. */
const scoresSchema = z.array(z.strictObject({ exit: z.int(), before: z.number(), after: z.number() }));

export interface CorrectHeadsInputs {
  readonly dataset: Dataset;
  readonly prepared: Prepared;
  readonly blocks: QuantizedBlocks & Fingerprinted;
  readonly tables: CollectedTables & Fingerprinted;
}

/** What later stages see of heads. */
export interface CorrectedHeads {
  readonly correction: HeadCorrection;
  readonly tables: Tables & Fingerprinted;
  /** For who runs images anew and asks heads. */
  readonly blocks: QuantizedBlocks & Fingerprinted;
}

/**
 * A scale and biases of the logits for every exit and level, fitted on validation images, where the config asks for them; the stage is not
 * there otherwise. Tables are corrected as they are read, and blocks get two operators: nothing is collected anew.
 */
export async function correctHeads(run: Run, inputs: CorrectHeadsInputs): Promise<CorrectedHeads> {
  const { blocks, tables } = inputs;
  const { heads, tables: kept } = run.config;
  if (heads.logits === "plain") return { correction: uncorrected, tables, blocks };
  const others = headsOfNoPath(run);
  const { correction } = await runStage<{ correction: HeadCorrection; scores: z.infer<typeof scoresSchema> }>(run, {
    name: "correct-heads",
    version: 1,
    inputs: { tables: tables.fingerprint, others: tableInputs(run, optionsOf(others, inputs)) },
    async produce(draft, progress) {
      const paths = legalPaths(pathSpaceOf(run.config));
      const { exits } = run.config;
      const affines = new Map<string, LogitAffine>();
      // Read anew, so that nothing stays in memory of answers that nobody asks for again.
      const validation = { ...tables.reopened().validation, paths };
      const fit = async (table: PathTable<"validation">) => {
        await setImmediate();
        run.signal.throwIfAborted();
        const fitted = fitLogitAffines(table, { zero: leastProbability[kept.elements] });
        for (const [head, affine] of fitted) affines.set(head, affine);
      };
      for (const exit of exits.keys()) {
        progress.update(exit, exits.length, "exits");
        await fit({ ...validation, paths: paths.filter(({ length }) => length === exit + 1) });
      }
      if (others.length > 0) {
        await registerBlocks(run, blocks, levelsOf(run.config));
        await fit(await collectTable(run, optionsOf(others, inputs)));
      }
      await draft.writeJson(affinesFile, logitAffinesSchema, logitAffinesToJson(affines));
      const { answers } = correctionOf(affines, kept, "");
      const corrected = answers === undefined ? validation : { ...tables.reopened(answers).validation, paths };
      await draft.writeJson("scores.json", scoresSchema, scoresOf(validation, corrected));
    },
    load: async (entry) => ({
      correction: await readCorrection(entry, kept),
      scores: await entry.readJson("scores.json", scoresSchema),
    }),
    describe: ({ scores }) =>
      `top-1 on the images of the fit ${scores.map(({ before, after }) => `${percent(before)} → ${percent(after)} %`).join(", ")}`,
  });
  return {
    correction,
    tables: { ...tables.reopened(correction.answers), fingerprint: correction.fingerprintOf(tables) },
    blocks: correction.blocks(blocks),
  };
}

/** From what the stage left. */
export async function readCorrection(
  entry: Pick<StageEntry, "readJson" | "fingerprint">,
  tables: Pick<Run["config"]["tables"], "elements">,
): Promise<HeadCorrection> {
  const affines = parseLogitAffines(await entry.readJson(affinesFile, logitAffinesSchema));
  return correctionOf(affines, tables, entry.fingerprint);
}

/**
 * Paths to heads that exist and end no path of QuEE's: those of block 1 where every path begins at the most bits. Rivals at one bit-width
 * ask them, and theirs are corrected alike.
 */
function headsOfNoPath(run: Run): readonly Path[] {
  const space = pathSpaceOf(run.config);
  const legal = legalPaths(space);
  const isAsked = (exit: number, level: Bits) => legal.some((path) => path.length === exit && path.at(-1) === level);
  return levelsOf(run.config)
    .flatMap((level) => uniformPaths(level, space.exitCount).map((path) => ({ level, path })))
    .filter(({ level, path }) => !isAsked(path.length, level))
    .map(({ path }) => path);
}

function optionsOf(
  paths: readonly Path[],
  { dataset, prepared, blocks }: CorrectHeadsInputs,
): CollectTableOptions<"validation"> {
  return {
    ...{ blocks, preprocessing: prepared.model.preprocessing, digest: dataset.digest("validation") },
    ...{ split: dataset.validation, wanted: { paths, featurePaths: [] }, onImages: () => undefined },
  };
}

function scoresOf(before: PathTable, after: PathTable): z.infer<typeof scoresSchema> {
  const exits = new Set(before.paths.map(({ length }) => length));
  const top1 = (table: PathTable, exit: number) =>
    mean(table.paths.filter(({ length }) => length === exit).map((path) => mean(correctAlong(table, path)) ?? 0)) ?? 0;
  return Array.from(exits, (exit) => ({ exit, before: top1(before, exit), after: top1(after, exit) }));
}

function percent(fraction: number): string {
  return (100 * fraction).toFixed(1);
}
