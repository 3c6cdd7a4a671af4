import { stageKey } from "@quee/artifacts";
import { legalPaths, type Path, type PathSpace, type SplitRole, uniformPaths } from "@quee/core";
import type { OpenedRun } from "../../run/open-run.js";
import { duration } from "../../run/progress.js";
import { type Fingerprinted, levelsOf } from "../../run/run.js";
import { roles, type Tables } from "../../stages/collect.js";
import { tableInputs } from "../../stages/collect-table.js";
import { keepTables } from "../../stages/keep-tables.js";
import { float, registerBlocks } from "../../stages/quantize-blocks.js";
import { openTable } from "../../stages/table-files.js";

/** Full-precision paths to the exits 1 … E. */
export function floatPaths({ exitCount }: Pick<PathSpace, "exitCount">): readonly Path[] {
  return uniformPaths(float, exitCount);
}

/**
 * What heads read, [N, D] along every legal path, on all splits; on training and validation images at full precision too, which is what
 * the run's heads were trained on. A run keeps none of this: it is collected when the first analysis asks, in parts that survive a stop, and
 * stays in files.
 */
export async function featureTables(opened: OpenedRun, space: PathSpace): Promise<Tables & Fingerprinted> {
  const { run, blocks, prepared, dataset } = opened;
  const optionsOf = (role: SplitRole & keyof typeof dataset) => {
    const paths = [...legalPaths(space), ...(role === "test" ? [] : floatPaths(space))];
    return {
      ...{ blocks, preprocessing: prepared.model.preprocessing, digest: dataset.digest(role) },
      ...{ split: dataset[role], wanted: { paths, featurePaths: paths } },
    };
  };
  const inputs = Object.fromEntries(roles.map((role) => [role, tableInputs<SplitRole>(run, optionsOf(role))]));
  const key = stageKey({ stage: "analyse-features", version: 1, inputs: { ...inputs, platform: run.platform } });
  const { entry } = await run.cache.produce(key, async (draft) => {
    const line = run.progress.begin("features");
    const begun = performance.now();
    await registerBlocks(run, blocks, [...levelsOf(run.config), float]);
    await keepTables(run, draft, roles.map(optionsOf), line);
    line.end(`${duration((performance.now() - begun) / 1000).padStart(6)}  what heads read`);
  });
  const read = <Role extends SplitRole>(role: Role) => openTable(entry, role, role, run.config);
  return {
    ...{ train: read("train"), validation: read("validation"), test: read("test") },
    fingerprint: entry.fingerprint,
  };
}
