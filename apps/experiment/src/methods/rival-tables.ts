import type { Rival } from "@quee/baselines";
import { legalPaths, type Path, type PathKey, pathKey, type SplitRole } from "@quee/core";
import type { PathTable } from "@quee/path-tables";
import { type Fingerprinted, levelsOf, pathSpaceOf, type Run, runStage } from "../run/run.js";
import { roles, type Tables } from "../stages/collect.js";
import { tableInputs, type Wanted } from "../stages/collect-table.js";
import type { Dataset, DatasetSplits } from "../stages/dataset.js";
import type { HeadCorrection } from "../stages/head-correction.js";
import { keepTables } from "../stages/keep-tables.js";
import type { Prepared } from "../stages/prepare.js";
import { type QuantizedBlocks, registerBlocks } from "../stages/quantize-blocks.js";
import { openTable } from "../stages/table-files.js";
import { mergeTables } from "./merge-tables.js";

type More = { readonly [Role in keyof DatasetSplits]: PathTable<Role> | null };

/**
 * What rivals need beyond QuEE's own tables: paths that it may not take, and features. They lie apart, so that another choice of
 * rivals trains no gate anew.
 */
export async function collectForRivals(
  run: Run,
  rivals: readonly Rival[],
  collected: {
    readonly dataset: Dataset;
    readonly prepared: Prepared;
    readonly blocks: QuantizedBlocks & Fingerprinted;
    /** As heads answer: those that are collected here are corrected alike. */
    readonly tables: Tables & Fingerprinted;
    readonly correction: HeadCorrection;
  },
): Promise<Tables & Fingerprinted> {
  const { dataset, prepared, blocks, tables, correction } = collected;
  const wanted = new Map(roles.map((role) => [role, wantedBy(run, rivals, role)] as const));
  const asking = roles.filter((role) => (wanted.get(role)?.paths.length ?? 0) > 0);
  const optionsOf = (role: keyof DatasetSplits) => ({
    ...{ blocks, preprocessing: prepared.model.preprocessing, digest: dataset.digest(role) },
    split: dataset[role],
    wanted: wanted.get(role) as Wanted,
  });
  const more = await runStage<More>(run, {
    name: "collect-rivals",
    version: 2,
    inputs: Object.fromEntries(asking.map((role) => [role, tableInputs<SplitRole>(run, optionsOf(role))])),
    async produce(draft, progress) {
      await registerBlocks(run, blocks, levelsOf(run.config));
      await keepTables(run, draft, asking.map(optionsOf), progress);
    },
    async load(entry) {
      const read = <Role extends keyof DatasetSplits>(role: Role) =>
        asking.includes(role) ? openTable(entry, role, role, run.config, correction.answers) : null;
      return { train: read("train"), validation: read("validation"), test: read("test") };
    },
    describe: () =>
      `${asking.map((role) => `${wanted.get(role)?.paths.length} paths of ${role}`).join(", ") || "nothing"}`,
  });
  const merged = <Role extends SplitRole>(own: PathTable<Role>, others: PathTable<Role> | null) =>
    others === null ? own : mergeTables(own, others);
  return {
    train: merged(tables.train, more.train),
    validation: merged(tables.validation, more.validation),
    test: merged(tables.test, more.test),
    fingerprint: `${tables.fingerprint} ${more.fingerprint}`,
  };
}

/** Paths that QuEE's tables lack, and those whose features somebody reads. */
export function wantedBy(
  { config }: Pick<Run, "config">,
  rivals: readonly Pick<Rival, "needs">[],
  role: keyof DatasetSplits,
): Wanted {
  const space = pathSpaceOf(config);
  const needs = rivals.map((rival) => rival.needs(space));
  const own = new Set(legalPaths(space).map(pathKey));
  const beyond = needs
    .flatMap(({ trainPaths, paths }) => (role === "train" ? trainPaths : paths))
    .filter((path) => !own.has(pathKey(path)));
  const featurePaths = unique(needs.flatMap((need) => need.featurePaths));
  return { paths: unique([...beyond, ...featurePaths]), featurePaths };
}

/** Every path that routing or a rival may send an image along, for images that nobody learns from. */
export function pathsToReplay(run: Run, rivals: readonly Rival[]): Wanted {
  const space = pathSpaceOf(run.config);
  const { paths, featurePaths } = wantedBy(run, rivals, "test");
  return { paths: unique([...legalPaths(space), ...paths]), featurePaths };
}

function unique(paths: readonly Path[]): readonly Path[] {
  return [...new Map<PathKey, Path>(paths.map((path) => [pathKey(path), path])).values()];
}
