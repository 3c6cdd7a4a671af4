import type { Results } from "./results-schema.js";

const columns = [
  "method",
  "arithmetic",
  "exit",
  "parameter",
  "setting",
  "top1",
  "top1_ci95_low",
  "top1_ci95_high",
  "cost",
  "cost_p95",
] as const;

/** `curves.csv`: one row per point of every curve; columns `exit_1 … exit_E` are shares of images. RFC 4180, but `\n`. */
export function curvesCsv(results: Results): string {
  const exitCount = results.backbone.exits.length;
  const header = [...columns, ...Array.from({ length: exitCount }, (_, e) => `exit_${e + 1}`)];
  const rows = results.curves.flatMap(({ method, arithmetic, exit, parameter, points }) =>
    points.map(({ setting, top1, top1Ci95, cost, costP95, exitHistogram }) => [
      ...[method, arithmetic, exit, parameter, setting],
      ...[top1, ...top1Ci95, cost, costP95],
      ...exitHistogram,
    ]),
  );
  return [header, ...rows].map((row) => `${row.map(field).join(",")}\n`).join("");
}

function field(value: string | number): string {
  const written = String(value);
  return /[",\r\n]/.test(written) ? `"${written.replaceAll('"', '""')}"` : written;
}
