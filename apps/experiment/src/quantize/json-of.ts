import { canonicalJson } from "@quee/artifacts";
import type { z } from "zod";

/** The text of a JSON file. The same value gives the same bytes. */
export function jsonOf(schema: z.ZodType, value: unknown): string {
  return `${canonicalJson(schema.parse(value), { mode: "lenient", layout: "lines" })}\n`;
}
