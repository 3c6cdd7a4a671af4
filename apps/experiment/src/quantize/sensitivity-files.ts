import { blockEncodingsSchema } from "@quee/ptq4vit-quantizer";
import { z } from "zod";

/** `sensitivity.json`: what rounding one product, or one part of the network, alone does. */
export const sensitivitySchema = z.strictObject({
  schemaVersion: z.literal(1),
  images: z.int(),
  /** False where there were no others than those that scales were chosen on. */
  isHeldOut: z.boolean(),
  rows: z.array(
    z.strictObject({
      part: z.string(),
      /** null: every product of the part. */
      site: z.strictObject({ node: z.string(), role: z.string() }).nullable(),
      bits: z.int(),
      /** ‖y − ŷ‖ / ‖y‖ of its output. */
      relativeError: z.number(),
      /** Of the network's answers, in nats. */
      klDivergence: z.number(),
    }),
  ),
});

export type SensitivityFile = z.infer<typeof sensitivitySchema>;

/** `encodings.json`: every scale of the network at every level. */
export const encodingsFileSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** SHA-256 of the exported model, whose cleaned graph the names belong to. */
  model: z.string(),
  levels: z.array(blockEncodingsSchema),
});

export function sensitivityCsv({ rows }: SensitivityFile): string {
  const lines = rows.map(({ part, site, bits, relativeError, klDivergence }) =>
    [part, site?.role ?? "", site?.node ?? "", bits, relativeError, klDivergence].map(field).join(","),
  );
  return `${["part,role,node,bits,relative_error,kl_divergence", ...lines].join("\n")}\n`;
}

/** One line per product or part; both numbers at each bit-width. */
export function sensitivityMarkdown({ images, isHeldOut, rows }: SensitivityFile): string {
  const levels = [...new Set(rows.map(({ bits }) => bits))];
  const lines = new Map<string, SensitivityFile["rows"]>();
  for (const row of rows) {
    const key = JSON.stringify([row.part, row.site?.node ?? null]);
    lines.set(key, [...(lines.get(key) ?? []), row]);
  }
  const cells = [...lines.values()].map((group) => {
    const [first] = group;
    const name =
      first?.site == null ? `**${first?.part}**` : `${first.site.role} \`${first.site.node.replaceAll("|", "\\|")}\``;
    const at = (bits: number) => group.find((row) => row.bits === bits);
    return `| ${[
      name,
      ...levels.map((bits) => `${(100 * (at(bits)?.relativeError ?? 0)).toPrecision(3)} %`),
      ...levels.map((bits) => (at(bits)?.klDivergence ?? 0).toExponential(1)),
    ].join(" | ")} |`;
  });
  return [
    `Each product alone, each part alone, everything else in float, on ${imagesInWords(images, isHeldOut)}.`,
    "",
    `| | ${[...levels.map((bits) => `error, ${bits} bits`), ...levels.map((bits) => `KL, ${bits} bits`)].join(" | ")} |`,
    `| --- | ${levels.flatMap(() => ["---:", "---:"]).join(" | ")} |`,
    ...cells,
    "",
    "Error: ‖y − ŷ‖ / ‖y‖ of the output. KL: mean KL(float ‖ rounded) of the answers, in nats.",
    "",
  ].join("\n");
}

export function imagesInWords(count: number, isHeldOut: boolean): string {
  const images = count === 1 ? "image" : "images";
  return isHeldOut ? `${count} ${images} that nothing was calibrated on` : `the ${count} calibration ${images}`;
}

function field(value: string | number): string {
  const words = String(value);
  return /[",\n\r]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
}
