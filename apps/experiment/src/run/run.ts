import { type RunDirectory, type StageCache, type StageDraft, type StageEntry, stageKey } from "@quee/artifacts";
import { type Bits, bits, type PathSpace } from "@quee/core";
import type { SessionPool } from "@quee/onnx-session";
import type { Config, ConfigFile } from "../config/schema.js";
import { effortOf, recordEffort } from "./effort.js";
import { duration, type Progress, type StageProgress } from "./progress.js";
import { type StageCost, watchStage } from "./stage-clock.js";

/** The stages of `quee run`, in their order; `quee stage NAME` runs up to one of them. */
export const stageNames = [
  "prepare",
  "train-heads",
  "quantize-blocks",
  "collect",
  "correct-heads",
  "cluster",
  "train-gates",
  "collect-rivals",
  "shift",
  "rivals",
  "evaluate",
  "report",
] as const;
export type StageName = (typeof stageNames)[number];

export interface StageTiming extends StageCost {
  readonly name: StageName;
  readonly cached: boolean;
  /** What making the result took, then or now; null where nobody wrote it down. */
  readonly secondsToMake: number | null;
}

/** What every stage is given. Until levels are chosen, those of the config may be `auto`: `Run<ConfigFile>`. */
export interface Run<Known extends ConfigFile = Config> {
  readonly config: Known;
  /** Null in a dry run, which makes no run directory. */
  readonly directory: RunDirectory | null;
  readonly cache: StageCache;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly threads: number;
  readonly dataRoot: string;
  /** Folders that may hold the model of the config, in the order in which they are looked through. */
  readonly modelRoots: readonly string[];
  /** What results depend on besides the config: onnxruntime and the processor family. */
  readonly platform: { readonly onnxruntime: string; readonly architecture: string };
  readonly timings: StageTiming[];
  /** The pool of workers, opened when first asked for. */
  pool(): Promise<SessionPool>;
  /** ISO 8601 */
  now(): string;
}

export function pathSpaceOf({ levels, exits, paths }: Config): PathSpace {
  const { order, first } = paths;
  // Section 5.1 of QuEE (arXiv 2406.14404), or section 4.
  const firstBlock = first === "highest" ? "highest" : "any";
  return { levels: levelsOf({ levels }), exitCount: exits.length, order, firstBlock };
}

/** What training a head depends on. */
export function headTrainingOf({ heads }: Pick<ConfigFile, "heads">): Omit<ConfigFile["heads"], "logits"> {
  const { logits: _, ...training } = heads;
  return training;
}

/** Most bits first. */
export function levelsOf({ levels }: Pick<Config, "levels">): readonly Bits[] {
  return [...levels].sort((a, b) => b - a).map(bits);
}

/** SHA-256 of the content of a result: what later stages depend on. */
export interface Fingerprinted {
  readonly fingerprint: string;
}

export interface StageWork<T> {
  readonly name: StageName;
  /** Counts up whenever the code of the stage gives other bytes than before. */
  readonly version: number;
  /** Everything else that the result depends on. */
  readonly inputs: Readonly<Record<string, unknown>>;
  produce(draft: StageDraft, progress: StageProgress): Promise<void>;
  load(entry: StageEntry): Promise<T>;
  /** A line for the person who watches. */
  describe(result: T): string;
}

/** Thrown by the first stage that a dry run would have to make. */
export class StageToDo extends Error {
  readonly stage: StageName;
  constructor(stage: StageName) {
    super(`stage ${stage} is not made yet`);
    this.stage = stage;
  }
}

/** Runs a stage unless its result is in the cache; tells about it, and times it. */
export async function runStage<T extends object>(run: Run<ConfigFile>, work: StageWork<T>): Promise<T & Fingerprinted> {
  const { name, version, inputs } = work;
  const { directory, cache, progress, signal, now } = run;
  signal.throwIfAborted();
  const key = stageKey({ stage: name, version, inputs: { ...inputs, platform: run.platform } });
  if (directory === null && (await cache.open(key)) === null) throw new StageToDo(name);
  await directory?.events.append({ ts: now(), type: "stage.start", stage: name, data: { key: key.hash } });
  await directory?.writeStatus({ state: "running", stage: name, message: null, updatedAt: now() });
  const stop = watchStage();
  const line = progress.begin(name);
  const begun = performance.now();
  const { entry, cached } = await cache.produce(key, (draft) => work.produce(draft, line));
  if (!cached) await recordEffort(cache, key, (performance.now() - begun) / 1000);
  const result = await work.load(entry);
  const timing: StageTiming = { name, cached, ...stop(), secondsToMake: await effortOf(cache, key) };
  run.timings.push(timing);
  line.end(`${(cached ? "cached" : duration(timing.seconds)).padStart(6)}  ${work.describe(result)}`);
  const data = { cached, seconds: timing.seconds, fingerprint: entry.fingerprint };
  await directory?.events.append({ ts: now(), type: "stage.end", stage: name, data });
  return { ...result, fingerprint: entry.fingerprint };
}
