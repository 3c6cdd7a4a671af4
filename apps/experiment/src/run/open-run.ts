import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { StageCache, StageKey } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import { openPool, runtimeVersion, type SessionPool } from "@quee/onnx-session";
import { configsFolder, modelsFolder } from "../bundled.js";
import { loadConfig } from "../config/load-config.js";
import type { ConfigFile } from "../config/schema.js";
import { chooseLevels } from "../stages/choose-levels.js";
import { collect, type Tables } from "../stages/collect.js";
import { type Dataset, openDataset } from "../stages/dataset.js";
import { type Prepared, prepare } from "../stages/prepare.js";
import { type QuantizedBlocks, quantizeBlocks } from "../stages/quantize-blocks.js";
import { type Heads, trainHeads } from "../stages/train-heads.js";
import { openProgress } from "./open-progress.js";
import { cacheOfRun, recordedStages } from "./recorded-stages.js";
import { type Fingerprinted, type Run, StageToDo } from "./run.js";

export interface OpenRunOptions {
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** A run directory with what its stages have made, up to the tables. */
export interface OpenedRun {
  /** Its stages come from the cache; nothing is written into the directory. */
  readonly run: Run;
  /** Absolute. */
  readonly path: string;
  readonly dataset: Dataset;
  readonly prepared: Prepared;
  readonly heads: Heads & Fingerprinted;
  readonly blocks: QuantizedBlocks & Fingerprinted;
  /** As heads answered before any correction of their logits: whoever asks says whether they are corrected, and on which images. */
  readonly tables: Tables & Fingerprinted;
  close(): Promise<void>;
}

const configFile = "config.resolved.yaml";

/** Opens what `quee run` left: the config from the directory, the results of stages from the cache that it wrote to. */
export async function openRun(directory: string, { threads, signal }: OpenRunOptions): Promise<OpenedRun> {
  const path = resolve(directory);
  const file = join(path, configFile);
  if (!existsSync(file)) {
    throw new QueeError({
      code: "E_NO_RUN",
      kind: "usage",
      file: path,
      expected: `a run directory (with ${configFile})`,
      got: existsSync(path) ? "other files" : "nothing there",
    });
  }
  const { config } = loadConfig(file, [], configsFolder);
  let pool: Promise<SessionPool> | undefined;
  const dataRoot = resolve(process.env["QUEE_DATA"] ?? "data");
  const run: Run<ConfigFile> = {
    config,
    directory: null,
    cache: asRecorded(await cacheOfRun(path), await recordedStages(path)),
    progress: openProgress(),
    signal,
    threads,
    dataRoot,
    modelRoots: [resolve(process.env["QUEE_MODELS"] ?? "models"), modelsFolder],
    platform: { onnxruntime: runtimeVersion, architecture: process.arch },
    timings: [],
    pool: () => (pool ??= openPool({ workers: threads })),
    now: () => new Date().toISOString(),
  };
  const dataset = await openDataset(config.dataset, dataRoot);
  return {
    ...(await stagesOf(run, dataset, path)),
    path,
    dataset,
    close: async () => {
      await (await pool?.catch(() => undefined))?.close();
    },
  };
}

/** The cache in which the stages of a run lie under the keys that it recorded: data and code may have changed since. */
function asRecorded(cache: StageCache, recorded: ReadonlyMap<string, string>): StageCache {
  const keyOf = (key: StageKey): StageKey => ({ ...key, hash: recorded.get(key.stage) ?? key.hash });
  return {
    root: cache.root,
    open: (key) => cache.open(keyOf(key)),
    produce: (key, producer) => cache.produce(keyOf(key), producer),
    discard: (key) => cache.discard(keyOf(key)),
  };
}

async function stagesOf(given: Run<ConfigFile>, dataset: Dataset, path: string) {
  try {
    const prepared = await prepare(given, dataset);
    const heads = await trainHeads(given, dataset, prepared);
    const { run } = await chooseLevels(given, dataset, prepared);
    const blocks = await quantizeBlocks(run, dataset, prepared, heads);
    const tables = await collect(run, dataset, prepared, blocks);
    return { run, prepared, heads, blocks, tables };
  } catch (error) {
    if (!(error instanceof StageToDo)) throw error;
    throw new QueeError({
      code: "E_RUN_UNFINISHED",
      kind: "usage",
      file: path,
      expected: "a run whose stages are in its cache, up to collect",
      got: `stage ${error.stage} is not there`,
      hint: "quee run … --out DIR --resume goes on with a run",
      cause: error,
    });
  }
}
