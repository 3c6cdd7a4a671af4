import { canonicalJson, sha256 } from "@quee/artifacts";
import { z } from "zod";

export const manifestName = "quee_config.json";
/** Version 2 says where a first gate sends images, and what λ weighs. */
export const manifestVersions = [1, 2] as const;

const hex = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits");
const bitWidth = z.int().min(2).max(32);
/** Relative, inside the directory, with `/` between folders. */
const fileName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/, "a file in the folder");

/** `quee_config.json`: what a model directory holds, and the SHA-256 of each of its files. */
export const manifestSchema = z.strictObject({
  format: z.literal("quee-model"),
  schemaVersion: z.literal(manifestVersions),
  name: z.string().min(1),
  arithmetic: z.enum(["integer", "fake-quant"]),
  /** [C, H, W] */
  imageShape: z.tuple([z.int().min(1), z.int().min(1), z.int().min(1)]),
  classNames: z.array(z.string()).min(1),
  blocks: z.array(z.strictObject({ block: z.int().min(1), bits: bitWidth, file: fileName })).min(1),
  preprocessor: fileName,
  gates: fileName,
  costs: fileName,
  router: fileName,
  files: z.record(fileName, z.strictObject({ bytes: z.int().nonnegative(), sha256: hex })),
  /** SHA-256 of all of the above: any changed byte of this file is found. */
  fingerprint: hex,
});

export type Manifest = z.infer<typeof manifestSchema>;

export function fingerprintOf({
  fingerprint: _,
  ...rest
}: Manifest | (Omit<Manifest, "fingerprint"> & { fingerprint?: string })): string {
  return sha256(canonicalJson(rest));
}

/** `quee/costs.json`: normalised costs of every legal path, one table per model of cost; the first is the default. */
export const costsSchema = z.strictObject({
  tables: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        caption: z.string(),
        unit: z.enum(["BitOPs", "ms"]),
        /** Cost of everything at the most bits, in `unit`. */
        unitCost: z.number().positive(),
        byPath: z.record(z.string().regex(/^\d+(-\d+)*$/, "bits joined by dashes"), z.number().nonnegative()),
      }),
    )
    .min(1),
});

/** `quee/router.json`: what each λ gave on validation images, by table of costs. */
export const routerSchema = z.strictObject({
  floatTop1: z.number().min(0).max(1),
  curves: z.array(
    z.strictObject({
      costs: z.string().min(1),
      /** Name of the table that λ weighs, where it is another. */
      routesBy: z.string().min(1).optional(),
      /** Bits of block 1, each up to the next `from`, where they are not always the most. */
      firstGate: z
        .array(z.strictObject({ from: z.number().nonnegative(), bits: bitWidth }))
        .min(1)
        .refine((steps) => steps.every(({ from }, s) => (s === 0 ? from === 0 : from > (steps[s - 1]?.from ?? 0))), {
          error: "steps by rising λ, the first from 0",
        })
        .optional(),
      points: z
        .array(
          z.strictObject({
            lambda: z.number().nonnegative(),
            firstBits: bitWidth.optional(),
            top1: z.number().min(0).max(1),
            cost: z.number().nonnegative(),
          }),
        )
        .min(1),
    }),
  ),
});

export function blockFile(block: number, level: number): string {
  return `onnx/quee/block_${String(block).padStart(2, "0")}_w${level}a${level}.onnx`;
}
