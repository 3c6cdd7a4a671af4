import type { Analysis, AnalysisResult } from "./analysis.js";

/** `NAME.json`, `NAME-TABLE.csv` and `figures/NAME-FIGURE.svg`, by their names below the folder of results. */
export function filesOf(
  { name, title }: Pick<Analysis, "name" | "title">,
  result: AnalysisResult,
): ReadonlyMap<string, string> {
  const { text, tables, figures, data } = result;
  return new Map([
    [`${name}.json`, `${JSON.stringify({ analysis: name, title, text, data }, null, 2)}\n`] as const,
    ...tables.map((table) => [`${name}-${table.name}.csv`, csvOf(table)] as const),
    ...figures.map((figure) => [`figures/${name}-${figure.name}.svg`, `${figure.svg}\n`] as const),
  ]);
}

/** RFC 4180, numbers as they are. */
function csvOf({ columns, rows }: AnalysisResult["tables"][number]): string {
  const quoted = (value: string) => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => row.map((value) => String(value ?? "")))];
  return lines.map((line) => `${line.map(quoted).join(",")}\r\n`).join("");
}
