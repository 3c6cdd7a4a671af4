import { z } from "zod";

/** `comparison.json`: ways to find scales, on the same images. */
export const comparisonSchema = z.strictObject({
  schemaVersion: z.literal(1),
  model: z.string(),
  modelSha256: z.string(),
  stem: z.string(),
  seed: z.int(),
  calibrationImages: z.int(),
  evaluationImages: z.int(),
  evaluatedOn: z.string(),
  floatTop1: z.number(),
  rows: z.array(
    z.strictObject({
      name: z.string(),
      words: z.string(),
      levels: z.array(
        z.strictObject({
          bits: z.int(),
          top1: z.number(),
          /** Mean KL(float ‖ quantized), in nats. */
          klDivergence: z.number(),
        }),
      ),
    }),
  ),
});

export type Comparison = z.infer<typeof comparisonSchema>;

/** One row per way to find scales; `top-1 / KL` at each bit-width. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { model, rows, floatTop1, calibrationImages, evaluationImages, evaluatedOn, seed, stem } = comparison;
  const levels = rows[0]?.levels.map(({ bits }) => bits) ?? [];
  return [
    `${model}: top-1 and KL(float ‖ quantized) in nats on ${evaluationImages.toLocaleString("en")} images (${evaluatedOn}); ` +
      `${calibrationImages} calibration images, seed ${seed}, stem: ${stem}. Float: ${percent(floatTop1)} top-1.`,
    "",
    `| scales | ${levels.map((bits) => `${bits} bits`).join(" | ")} |`,
    `| --- |${levels.map(() => " ---: |").join("")}`,
    ...rows.map(
      ({ name, levels: cells }) =>
        `| ${name} | ${cells.map(({ top1, klDivergence }) => `${percent(top1)} / ${klDivergence.toPrecision(2)}`).join(" | ")} |`,
    ),
    "",
    ...rows.map(({ name, words }) => `* ${name}: ${words}`),
    "",
  ].join("\n");
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}
