import type { Rival } from "@quee/baselines";
import { type ImageFileSplit, imageOf } from "@quee/datasets";
import type { PathTable } from "@quee/path-tables";
import { pathsToReplay } from "../methods/rival-tables.js";
import { type Fingerprinted, levelsOf, type Run, runStage } from "../run/run.js";
import { collectParts, tableInputs } from "../stages/collect-table.js";
import type { Dataset } from "../stages/dataset.js";
import type { HeadCorrection } from "../stages/head-correction.js";
import type { Prepared } from "../stages/prepare.js";
import { type QuantizedBlocks, registerBlocks } from "../stages/quantize-blocks.js";
import { keepTable, openTable } from "../stages/table-files.js";
import { corrupt, corruptionVersion } from "./corrupt.js";
import type { CorruptionKind } from "./kinds.js";

export interface Condition {
  readonly kind: CorruptionKind;
  readonly strength: number;
}

/** p̂ of the first test images under each condition. */
export interface ShiftedTables {
  readonly conditions: readonly Condition[];
  /** One per condition. */
  readonly tables: readonly PathTable<"test">[];
}

/** No images, no conditions: the stage is not there. */
const nothing = { conditions: [], tables: [], fingerprint: "no shift" };

/** Corrupts test images on the fly and walks them along every path that somebody may choose. */
export async function collectShifted(
  run: Run,
  rivals: readonly Rival[],
  {
    dataset,
    prepared,
    blocks,
    correction,
  }: {
    readonly dataset: Dataset;
    readonly prepared: Prepared;
    readonly blocks: QuantizedBlocks & Fingerprinted;
    readonly correction: HeadCorrection;
  },
): Promise<ShiftedTables & Fingerprinted> {
  const { shift, seed } = run.config;
  if (shift.images === 0) return nothing;
  const count = Math.min(shift.images, dataset.test.count);
  const conditions = shift.kinds.flatMap((kind) => shift.strengths.map((strength) => ({ kind, strength })));
  const optionsOf = (condition: Condition) => ({
    ...{ blocks, preprocessing: prepared.model.preprocessing },
    split: corruptedSplit(dataset, condition, seed, count),
    digest: `${dataset.digest("test")} v${corruptionVersion} ${condition.kind} ${condition.strength} ${seed} ${count}`,
    wanted: pathsToReplay(run, rivals),
  });
  const shifted = await runStage<ShiftedTables>(run, {
    name: "shift",
    version: 2,
    inputs: { conditions: conditions.map((condition) => tableInputs(run, optionsOf(condition))) },
    async produce(draft, progress) {
      await registerBlocks(run, blocks, levelsOf(run.config));
      for (const [c, condition] of conditions.entries()) {
        const onImages = (done: number) =>
          progress.update(c * count + done, conditions.length * count, `images, ${condition.kind}`);
        await keepTable(draft, nameOf(condition), await collectParts(run, { ...optionsOf(condition), onImages }));
      }
    },
    async load(entry) {
      const tables = conditions.map((condition) =>
        openTable(entry, nameOf(condition), "test", run.config, correction.answers),
      );
      return { conditions, tables };
    },
    describe: () => `${count} test images under ${conditions.length} conditions`,
  });
  return { ...shifted, fingerprint: correction.fingerprintOf(shifted) };
}

function nameOf({ kind, strength }: Condition): string {
  return `${kind}-${strength}`;
}

/** The first test images, each corrupted whenever it is asked for. */
function corruptedSplit(
  { test }: Dataset,
  { kind, strength }: Condition,
  seed: number,
  count: number,
): ImageFileSplit<"test"> {
  const file = (i: number) => `${test.name} image ${i}, ${kind} ${strength}`;
  return {
    ...{ role: "test", count, file, name: test.name, classNames: test.classNames, classCount: test.classCount },
    labels: test.labels.slice(0, count),
    decode: async (i) => corrupt(await imageOf(test, i), { kind, strength, seed, name: String(i) }),
  };
}
