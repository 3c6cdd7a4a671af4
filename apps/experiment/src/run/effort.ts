import { type StageCache, type StageKey, stageKey } from "@quee/artifacts";
import { z } from "zod";

const effortSchema = z.strictObject({ seconds: z.number() });

/**
 * What making a result took is kept beside it, not in it: whatever depends on the result would else depend on the clock.
 */
function keyOf(made: StageKey): StageKey {
  return stageKey({ stage: "effort", version: 1, inputs: { stage: made.stage, key: made.hash } });
}

/** Writes down what making a result took just now. */
export async function recordEffort(cache: StageCache, made: StageKey, seconds: number): Promise<void> {
  const key = keyOf(made);
  // Of a result that was thrown away, as long as there was one.
  await cache.discard(key);
  await cache.produce(key, async (draft) => {
    await draft.writeJson("effort.json", effortSchema, { seconds });
  });
}

/** Seconds that making a result took; null where nobody wrote them down. */
export async function effortOf(cache: StageCache, made: StageKey): Promise<number | null> {
  const entry = await cache.open(keyOf(made));
  return entry === null ? null : (await entry.readJson("effort.json", effortSchema)).seconds;
}
