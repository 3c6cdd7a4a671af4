import { QueeError } from "@quee/core";
import { z } from "zod";
import type { ExitHead } from "./exit-head.js";

/** Heads as they are stored. */
export const exitHeadsSchema = z.strictObject({
  format: z.literal("quee-exit-heads"),
  version: z.literal(1),
  heads: z.array(
    z
      .strictObject({
        width: z.int().min(1),
        classCount: z.int().min(1),
        weight: z.array(z.number()),
        bias: z.array(z.number()),
      })
      .refine(({ width, classCount, weight }) => weight.length === width * classCount, {
        path: ["weight"],
        message: "width · classCount numbers",
      })
      .refine(({ classCount, bias }) => bias.length === classCount, { path: ["bias"], message: "classCount numbers" }),
  ),
});

export type ExitHeadsJson = z.infer<typeof exitHeadsSchema>;

/** Float32 values are exact in JSON: what is parsed again is equal. */
export function exitHeadsToJson(heads: readonly ExitHead[]): ExitHeadsJson {
  return {
    format: "quee-exit-heads",
    version: 1,
    heads: heads.map(({ weight, bias }) => ({
      width: weight.shape[0],
      classCount: weight.shape[1],
      weight: [...weight.data],
      bias: [...bias.data],
    })),
  };
}

/** @param json a parsed JSON document */
export function parseExitHeads(json: unknown, { file }: { readonly file?: string } = {}): readonly ExitHead[] {
  const parsed = exitHeadsSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new QueeError({
      code: "E_EXIT_HEADS",
      kind: "artifact",
      ...(file === undefined ? {} : { file }),
      where: issue?.path.join(".") || "document",
      expected: "exit heads as this version writes them",
      got: issue?.message ?? "something else",
      cause: parsed.error,
    });
  }
  return parsed.data.heads.map(({ width, classCount, weight, bias }) => ({
    weight: { shape: [width, classCount], data: Float32Array.from(weight) },
    bias: { shape: [classCount], data: Float32Array.from(bias) },
  }));
}
