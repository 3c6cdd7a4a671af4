import type { Graph } from "@quee/onnx-graph";
import { type BlockEncodings, type NetworkPart, packedBytes } from "@quee/ptq4vit-quantizer";
import { z } from "zod";
import type { Agreement } from "./answers.js";
import { imagesInWords } from "./sensitivity-files.js";

const bytes = z.strictObject({ codes: z.number(), scales: z.number(), float: z.number(), total: z.number() });
const sizes = z.strictObject({ bytes, parts: z.array(z.strictObject({ part: z.string(), bytes })) });

/** `summary.json` of a quantized network. */
export const summarySchema = z.strictObject({
  schemaVersion: z.literal(1),
  model: z.string(),
  modelSha256: z.string(),
  settings: z.record(z.string(), z.unknown()),
  calibrationImages: z.int(),
  seed: z.int(),
  /** Images that answers are compared on, and whether they are others than those that scales were chosen on. */
  images: z.int(),
  isHeldOut: z.boolean(),
  float: sizes,
  levels: z.array(
    sizes.extend({
      bits: z.int(),
      file: z.string(),
      klDivergence: z.number(),
      sameAnswers: z.number(),
    }),
  ),
  /** Scales that the search did not choose, and why. */
  notes: z.array(z.strictObject({ bits: z.int(), node: z.string(), note: z.string() })),
});

export type Summary = z.infer<typeof summarySchema>;

/** Sizes with packed weights, the whole and its parts; without encodings, in float. */
export function sizesOf(graph: Graph, encodings: BlockEncodings | null, parts: readonly NetworkPart[]) {
  return {
    bytes: packedBytes(graph, encodings),
    parts: parts.map(({ name, nodes }) => ({ part: name, bytes: packedBytes(graph, encodings, nodes) })),
  };
}

/** The table that is printed. */
export function summaryLines({ float, levels, images, isHeldOut }: Summary): readonly string[] {
  const megabytes = (size: number) => `${(size / 1e6).toFixed(2)} MB`;
  const row = (cells: readonly string[]) =>
    cells.map((cell, i) => cell.padStart([7, 11, 7, 12, 13][i] ?? 0)).join("  ");
  return [
    row(["", "packed", "", "KL", "same answers"]),
    row(["float", megabytes(float.bytes.total), "", "", ""]),
    ...levels.map((level) =>
      row([
        `${level.bits} bits`,
        megabytes(level.bytes.total),
        `${(float.bytes.total / level.bytes.total).toFixed(1)}×`,
        level.klDivergence.toPrecision(3),
        percent(level),
      ]),
    ),
    `KL(float ‖ quantized) in nats and answers on ${imagesInWords(images, isHeldOut)}`,
  ];
}

function percent({ sameAnswers }: Pick<Agreement, "sameAnswers">): string {
  return `${(100 * sameAnswers).toFixed(1)} %`;
}
