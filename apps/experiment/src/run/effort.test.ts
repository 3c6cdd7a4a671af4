import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStageCache, type StageCache, stageKey } from "@quee/artifacts";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { ConfigFile } from "../config/schema.js";
import { thisProcess } from "./machine.js";
import { type Run, runStage, type StageTiming } from "./run.js";

const numberSchema = z.strictObject({ value: z.number() });

async function openCache(): Promise<StageCache> {
  const root = mkdtempSync(join(tmpdir(), "quee-effort-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return openStageCache(root, thisProcess());
}

/** Only what `runStage` reads when there is no run directory to tell; a dry run would stop at what is not made. */
function runOn(cache: StageCache, timings: StageTiming[]): Run<ConfigFile> {
  const silent = { update: () => undefined, note: () => undefined, end: () => undefined };
  const known = {
    ...{ cache, timings, platform: { onnxruntime: "1", architecture: "any" }, now: () => "2026-01-01T00:00:00.000Z" },
    directory: { events: { append: async () => undefined }, writeStatus: async () => undefined },
    progress: { begin: () => silent },
    signal: new AbortController().signal,
  };
  return known as unknown as Run<ConfigFile>;
}

const slow = (milliseconds: number) => ({
  ...{ name: "train-gates" as const, version: 1, inputs: {}, describe: () => "" },
  produce: async (draft: Parameters<Parameters<StageCache["produce"]>[1]>[0]) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    await draft.writeJson("value.json", numberSchema, { value: 1 });
  },
  load: (entry: { readJson: (name: string, schema: typeof numberSchema) => Promise<{ value: number }> }) =>
    entry.readJson("value.json", numberSchema),
});

test("what making a stage took is known again when its result comes from the cache", async () => {
  const cache = await openCache();
  const timings: StageTiming[] = [];
  const made = await runStage(runOn(cache, timings), slow(60));
  const found = await runStage(runOn(cache, timings), slow(60));
  expect(timings.map(({ cached }) => cached)).toEqual([false, true]);
  expect(timings[0]?.secondsToMake).toBeGreaterThan(0.05);
  expect(timings[1]?.secondsToMake).toBe(timings[0]?.secondsToMake);
  // The clock is no part of the result.
  expect(found.fingerprint).toBe(made.fingerprint);
});

test("a result that is thrown away and made anew has the newer time; without a note it is not known", async () => {
  const cache = await openCache();
  const timings: StageTiming[] = [];
  const key = stageKey({
    ...{ stage: "train-gates", version: 1 },
    inputs: { platform: { onnxruntime: "1", architecture: "any" } },
  });
  await runStage(runOn(cache, timings), slow(0));
  await cache.discard(key);
  await runStage(runOn(cache, timings), slow(60));
  await runStage(runOn(cache, timings), slow(60));
  expect(timings[0]?.secondsToMake).toBeLessThan(0.05);
  expect(timings[2]?.secondsToMake).toBeGreaterThan(0.05);

  const other = await openCache();
  await other.produce(key, async (draft) => {
    await draft.writeJson("value.json", numberSchema, { value: 1 });
  });
  await runStage(runOn(other, timings), slow(60));
  expect(timings.at(-1)).toMatchObject({ cached: true, secondsToMake: null });
});
