import { QueeError } from "@quee/core";
import { z } from "zod";

/** Which difficulties a generator draws, 0 (clean) … 1 (barely readable). For configs. */
export const difficultyRangeSchema = z
  .strictObject({
    /** Default 0. */
    easiest: z.number().min(0).max(1).optional(),
    /** Default 1. */
    hardest: z.number().min(0).max(1).optional(),
    /** Positive draws more easy images, negative more hard ones, 0 (the default) all alike. */
    leaning: z.number().min(-1).max(1).optional(),
  })
  .refine(({ easiest = 0, hardest = 1 }) => easiest <= hardest, { message: "easiest is above hardest" });
export type DifficultyRange = Readonly<z.infer<typeof difficultyRangeSchema>>;

/** @param u uniform in [0, 1) */
export function drawDifficulty(u: number, { easiest = 0, hardest = 1, leaning = 0 }: DifficultyRange = {}): number {
  // u + s·(u² − u) goes up from 0 to 1 for every |s| ≤ 1 and needs no power.
  return easiest + (hardest - easiest) * (u + leaning * (u * u - u));
}

export function checkDifficulty(range: DifficultyRange): void {
  const parsed = difficultyRangeSchema.safeParse(range);
  if (parsed.success) return;
  throw new QueeError({
    code: "E_DIFFICULTY",
    kind: "config",
    where: "difficulty",
    expected: "0 ≤ easiest ≤ hardest ≤ 1 and leaning from -1 to 1",
    got: JSON.stringify(range),
    cause: parsed.error,
  });
}
