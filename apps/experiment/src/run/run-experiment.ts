import { existsSync, readdirSync } from "node:fs";
import { totalmem } from "node:os";
import { join, resolve } from "node:path";
import { openRunDirectory, openStageCache, readFileChecked, writeFileAtomically } from "@quee/artifacts";
import { QueeError, show } from "@quee/core";
import { openPool, runtimeVersion, type SessionPool } from "@quee/onnx-session";
import { configsFolder, modelsFolder } from "../bundled.js";
import { differences } from "../config/differences.js";
import { type LoadedConfig, loadConfig } from "../config/load-config.js";
import { nearest } from "../config/nearest.js";
import type { ConfigFile } from "../config/schema.js";
import { describeEstimate } from "../estimate/describe-estimate.js";
import { estimateConfig } from "../estimate/estimate-config.js";
import { type Dataset, openDataset } from "../stages/dataset.js";
import { runStages } from "../stages/run-stages.js";
import { environment, thisProcess } from "./machine.js";
import { openProgress } from "./open-progress.js";
import { recoveringTables } from "./recover-tables.js";
import { type Run, type StageName, StageToDo, stageNames } from "./run.js";

/** What the command line asks of `run` and `stage`. */
export interface RunRequest {
  readonly config: string;
  readonly overrides: readonly string[];
  readonly threads: number;
  readonly isDryRun: boolean;
  readonly isJson: boolean;
  readonly isResume: boolean;
  readonly out?: string;
  /** The last stage to run. */
  readonly until?: string;
  readonly signal: AbortSignal;
}

const resolvedName = "config.resolved.yaml";

export async function runExperiment(request: RunRequest): Promise<void> {
  const until = stageOf(request.until ?? "report");
  const loaded = loadConfig(request.config, request.overrides, configsFolder);
  const path = resolve(request.out ?? join("runs", `${loaded.config.name}-${loaded.hash}`));
  await assertMayContinue(path, loaded, request);
  const self = thisProcess();
  const roots = {
    data: resolve(process.env["QUEE_DATA"] ?? "data"),
    models: resolve(process.env["QUEE_MODELS"] ?? "models"),
  };
  // One cache for all runs: what two configs have in common is made once.
  const cache = await openStageCache(resolve("runs", ".cache"), self);
  const progress = openProgress();
  const directory = request.isDryRun ? null : await openRunDirectory(path, self);
  const predecessor = directory?.lock.tookOverFrom ?? null;
  if (predecessor !== null) progress.line(`took over the lock of process ${predecessor.pid}, which is gone`);
  let pool: Promise<SessionPool> | undefined;
  const run: Run<ConfigFile> = {
    config: loaded.config,
    directory,
    cache,
    progress,
    signal: request.signal,
    threads: request.threads,
    dataRoot: roots.data,
    modelRoots: [roots.models, modelsFolder],
    platform: { onnxruntime: runtimeVersion, architecture: process.arch },
    timings: [],
    pool: () => (pool ??= openPool({ workers: request.threads })),
    now: () => new Date().toISOString(),
  };
  const machine = environment(request.threads, runtimeVersion);
  try {
    const dataset = await openDataset(loaded.config.dataset, roots.data);
    const stages = () => runStages(run, dataset, { machine, hash: loaded.hash, until });
    if (directory === null) {
      await printPlan(run, dataset, path, await stages().then(() => null, toDo), { isJson: request.isJson, until });
      return;
    }
    await writeFileAtomically(join(path, resolvedName), loaded.resolved);
    await writeFileAtomically(join(path, "env.json"), `${JSON.stringify(machine, null, 2)}\n`);
    const summary = await recoveringTables(run, stages);
    await directory.writeStatus({ state: "done", stage: null, message: null, updatedAt: run.now() });
    if (request.isJson) console.log(JSON.stringify({ run: path, ...summary.facts }));
    else for (const line of summary.lines) console.log(line);
  } catch (error) {
    const state = request.signal.aborted ? "stopped" : "failed";
    const message = error instanceof Error ? error.message : String(error);
    // Where even this cannot be written, the first error is the one to tell.
    await directory?.writeStatus({ state, stage: null, message, updatedAt: run.now() }).catch(() => undefined);
    throw error;
  } finally {
    await (await pool?.catch(() => undefined))?.close();
    await directory?.close();
  }
}

/** The first stage that is not in the cache; other errors are errors of a dry run too. */
function toDo(error: unknown): StageName {
  if (error instanceof StageToDo) return error.stage;
  throw error;
}

/** What a run would do, and what that takes: later stages depend on the first one that is missing. */
async function printPlan(
  run: Run<ConfigFile>,
  dataset: Dataset,
  path: string,
  first: StageName | null,
  { isJson, until }: { readonly isJson: boolean; readonly until: StageName },
): Promise<void> {
  const cached = run.timings.map(({ name }) => name);
  const following = first === null ? [] : stageNames.slice(stageNames.indexOf(first), stageNames.indexOf(until) + 1);
  const open = following.filter((name) => name !== "correct-heads" || run.config.heads.logits === "affine");
  const estimate = open.length === 0 ? null : await estimateConfig(run, dataset, open);
  if (isJson) {
    console.log(JSON.stringify({ run: path, cached, toDo: open, ...(estimate === null ? {} : { estimate }) }));
    return;
  }
  console.log(`run ${path}\ncached: ${cached.join(", ") || "nothing"}\nto do: ${open.join(", ") || "nothing"}`);
  for (const line of estimate === null ? [] : describeEstimate(estimate, totalmem())) console.log(line);
}

function stageOf(name: string): StageName {
  const found = stageNames.find((known) => known === name);
  if (found !== undefined) return found;
  const close = nearest(name, stageNames);
  throw new QueeError({
    code: "E_STAGE",
    kind: "usage",
    where: "stage",
    expected: `one of ${stageNames.join(", ")}`,
    got: show(name),
    ...(close === undefined ? {} : { hint: `Did you mean ${close}?` }),
  });
}

/** A directory that the user names is continued only when asked to, and only with the config that began it. */
async function assertMayContinue(
  path: string,
  { resolved }: LoadedConfig,
  { out, isResume }: RunRequest,
): Promise<void> {
  const file = join(path, resolvedName);
  const begun = existsSync(file);
  if (out === undefined) return;
  const isEmpty = !existsSync(path) || readdirSync(path).length === 0;
  if (isResume && !begun && !isEmpty) {
    throw new QueeError({
      code: "E_FOREIGN_DIRECTORY",
      kind: "usage",
      file: path,
      expected: `a run directory (with ${resolvedName})`,
      got: "other files",
    });
  }
  if (!isResume && !isEmpty) {
    throw new QueeError({
      code: "E_OUT_EXISTS",
      kind: "usage",
      file: path,
      expected: "a new or empty directory",
      got: "one with files",
      hint: "Add --resume to go on with the run there",
    });
  }
  if (!begun) return;
  const before = new TextDecoder().decode(await readFileChecked(file));
  const changed = differences(before, resolved);
  if (changed.length === 0) return;
  throw new QueeError({
    code: "E_CONFIG_CHANGED",
    kind: "config",
    file,
    expected: "the config that began this run",
    got: changed.join("; "),
    hint: "Choose another --out; what is unchanged comes from the cache",
  });
}
