import { existsSync } from "node:fs";
import { join } from "node:path";
import { readJson, type StageEntry } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import { type Results, resultsSchema } from "@quee/report";
import { configsFolder } from "../bundled.js";
import { loadConfig } from "../config/load-config.js";
import type { ConfigFile } from "../config/schema.js";
import { cacheOfRun, recordedStages } from "../run/recorded-stages.js";
import type { StageName } from "../run/run.js";

/** What a finished run left behind. */
export interface RunRecord {
  readonly folder: string;
  readonly config: ConfigFile;
  readonly results: Results;
  /** The result of a stage, from the cache that the run wrote to. */
  entry(stage: StageName): Promise<StageEntry>;
}

/** Opens a run directory. The run itself says under which keys its results lie: data and code may have changed since. */
export async function openRunRecord(folder: string): Promise<RunRecord> {
  const file = join(folder, "results.json");
  if (!existsSync(file)) {
    throw new QueeError({
      code: "E_RUN_UNFINISHED",
      kind: "usage",
      file: folder,
      expected: "the directory of a finished run (with results.json)",
      got: existsSync(join(folder, "config.resolved.yaml")) ? "a run that has not come to its end" : "no run",
      hint: "quee run … --out DIR --resume goes on with a run",
    });
  }
  const results = await readJson(file, resultsSchema);
  const { config } = loadConfig(join(folder, "config.resolved.yaml"), [], configsFolder);
  const keys = await recordedStages(folder);
  const cache = await cacheOfRun(folder);
  return {
    folder,
    config,
    results,
    entry: async (stage) => {
      const hash = keys.get(stage);
      const entry = hash === undefined ? null : await cache.open({ stage, hash });
      if (entry !== null) return entry;
      throw new QueeError({
        code: "E_RUN_CACHE",
        kind: "artifact",
        file: cache.root,
        where: `stage ${stage}`,
        expected: hash === undefined ? "a stage that the run's events name" : `the result ${hash}`,
        got: "none",
        hint: "Run the experiment again: what is missing is made anew",
      });
    },
  };
}
