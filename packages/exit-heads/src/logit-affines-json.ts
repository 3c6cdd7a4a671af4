import { bits, QueeError } from "@quee/core";
import { z } from "zod";
import { headName, type LogitAffines } from "./logit-affines.js";

/** Corrections of logits as they are stored, by exit and bits. */
export const logitAffinesSchema = z.strictObject({
  format: z.literal("quee-logit-affines"),
  version: z.literal(1),
  heads: z
    .array(
      z.strictObject({
        exit: z.int().min(1),
        bits: z.int().min(2).max(32),
        scale: z.number(),
        bias: z.array(z.number()).min(1),
      }),
    )
    .refine((heads) => heads.every(({ bias }) => bias.length === heads[0].bias.length), "biases of the same classes")
    .refine(
      (heads) => new Set(heads.map(({ exit, bits }) => `${exit}@${bits}`)).size === heads.length,
      "each exit and bits once",
    ),
});

export type LogitAffinesJson = z.infer<typeof logitAffinesSchema>;

/** Float32 values are exact in JSON: what is parsed again is equal. */
export function logitAffinesToJson(affines: LogitAffines): LogitAffinesJson {
  const heads = Array.from(affines, ([name, { scale, bias }]) => {
    const [exit, level] = name.split("@").map(Number);
    return { exit, bits: level, scale, bias: [...bias] };
  });
  return { format: "quee-logit-affines", version: 1, heads };
}

/** @param json a parsed JSON document */
export function parseLogitAffines(json: unknown, { file }: { readonly file?: string } = {}): LogitAffines {
  const parsed = logitAffinesSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new QueeError({
      code: "E_LOGIT_AFFINES",
      kind: "artifact",
      ...(file === undefined ? {} : { file }),
      where: issue?.path.join(".") || "document",
      expected: "corrections of logits as this version writes them",
      got: issue?.message ?? "something else",
      cause: parsed.error,
    });
  }
  return new Map(
    parsed.data.heads.map(({ exit, bits: level, scale, bias }) => [
      headName(exit, bits(level)),
      { scale, bias: Float32Array.from(bias) },
    ]),
  );
}
