import { legalPaths, type Path, type SplitRole, uniformPaths } from "@quee/core";
import type { PathTable } from "@quee/path-tables";
import { type Fingerprinted, levelsOf, pathSpaceOf, type Run, runStage } from "../run/run.js";
import { tableInputs } from "./collect-table.js";
import type { Dataset, DatasetSplits } from "./dataset.js";
import { keepTables } from "./keep-tables.js";
import type { Prepared } from "./prepare.js";
import { float, type QuantizedBlocks, registerBlocks } from "./quantize-blocks.js";
import { type ChangedAnswers, openTable } from "./table-files.js";

/** p̂ of paths on every split. */
export interface Tables {
  readonly train: PathTable<"train">;
  readonly validation: PathTable<"validation">;
  readonly test: PathTable<"test">;
}

export interface CollectedTables extends Tables {
  /** The same tables, read anew. */
  reopened(answers?: ChangedAnswers): Tables;
}

export const roles = ["train", "validation", "test"] as const;

/** Walks the tree of legal paths for every image: what clusters, gates and routing ask for. */
export async function collect(run: Run, dataset: Dataset, prepared: Prepared, blocks: QuantizedBlocks & Fingerprinted) {
  const optionsOf = (role: keyof DatasetSplits) => ({
    ...{ blocks, preprocessing: prepared.model.preprocessing, digest: dataset.digest(role) },
    split: dataset[role],
    wanted: { paths: pathsFor(run, role), featurePaths: [] },
  });
  return runStage<CollectedTables>(run, {
    name: "collect",
    version: 3,
    inputs: Object.fromEntries(roles.map((role) => [role, tableInputs<SplitRole>(run, optionsOf(role))])),
    async produce(draft, progress) {
      await registerBlocks(run, blocks, [...levelsOf(run.config), float]);
      await keepTables(run, draft, roles.map(optionsOf), progress);
    },
    async load(entry) {
      const reopened = (answers?: ChangedAnswers) => {
        const read = <Role extends SplitRole>(role: Role) => openTable(entry, role, role, run.config, answers);
        return { train: read("train"), validation: read("validation"), test: read("test") };
      };
      return { ...reopened(), reopened };
    },
    describe: ({ train, validation, test }) =>
      `${train.count} + ${validation.count} + ${test.count} images, ${legalPaths(pathSpaceOf(run.config)).length} legal paths`,
  });
}

/** The legal paths; on test images also full precision, to say what the network itself scores. */
function pathsFor(run: Run, role: SplitRole): readonly Path[] {
  const space = pathSpaceOf(run.config);
  return role === "test" ? [...legalPaths(space), ...uniformPaths(float, space.exitCount)] : legalPaths(space);
}
