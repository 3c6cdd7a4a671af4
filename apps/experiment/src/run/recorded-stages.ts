import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { openStageCache, readFileChecked, type StageCache } from "@quee/artifacts";
import { z } from "zod";
import { thisProcess } from "./machine.js";

const stageStart = z.looseObject({
  type: z.literal("stage.start"),
  stage: z.string(),
  data: z.looseObject({ key: z.string() }),
});

/** Under which key each stage of a run has its result, by the run's own events; the newest of each. Empty without events. */
export async function recordedStages(folder: string): Promise<ReadonlyMap<string, string>> {
  const file = join(folder, "events.jsonl");
  const keys = new Map<string, string>();
  if (!existsSync(file)) return keys;
  const lines = new TextDecoder().decode(await readFileChecked(file)).split("\n");
  for (const line of lines.filter((text) => text !== "")) {
    const event = stageStart.safeParse(JSON.parse(line));
    if (event.success) keys.set(event.data.stage, event.data.data.key);
  }
  return keys;
}

/** The cache that a run wrote to: beside its directory, else that of the working directory. */
export async function cacheOfRun(folder: string): Promise<StageCache> {
  const beside = join(dirname(resolve(folder)), ".cache");
  return openStageCache(existsSync(beside) ? beside : resolve("runs", ".cache"), thisProcess());
}
