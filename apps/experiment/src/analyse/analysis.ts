import { z } from "zod";
import type { Workbench } from "./workbench.js";

/** One question to a run. */
export interface Analysis {
  /** Of its files, and of `--only`. */
  readonly name: string;
  readonly title: string;
  /** Where the paper speaks of it. */
  readonly source: string;
  /** Counts up whenever the same run would get another answer. */
  readonly version: number;
  run(bench: Workbench, onProgress: (done: number, total: number, unit: string) => void): Promise<AnalysisResult>;
}

const cell = z.union([z.string(), z.number(), z.null()]);

export const analysisResultSchema = z.strictObject({
  /** Sentences that the numbers allow. */
  text: z.array(z.string()),
  figures: z.array(z.strictObject({ name: z.string(), caption: z.string(), svg: z.string() })),
  tables: z.array(
    z.strictObject({
      name: z.string(),
      caption: z.string(),
      columns: z.array(z.strictObject({ name: z.string(), format: z.enum(["text", "percent", "number"]) })),
      rows: z.array(z.array(cell)),
    }),
  ),
  /** What the figures draw, for other tools. */
  data: z.json(),
});

export type AnalysisResult = z.infer<typeof analysisResultSchema>;
type Table = AnalysisResult["tables"][number];
type Figure = AnalysisResult["figures"][number];

/** Column names begin with what they hold: `%` a fraction, `#` a number, else words. */
export function tableOf(name: string, caption: string, columns: readonly string[], rows: Table["rows"]): Table {
  const formatOf = (column: string) =>
    column.startsWith("%") ? "percent" : column.startsWith("#") ? "number" : ("text" as const);
  return {
    ...{ name, caption, rows },
    columns: columns.map((column) => ({ name: column.replace(/^[%#]/, ""), format: formatOf(column) })),
  };
}

/** A figure that there may be nothing for. */
export function figureOf(name: string, caption: string, svg: string | null): Figure[] {
  return svg === null ? [] : [{ name, caption, svg }];
}
