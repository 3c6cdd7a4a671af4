import { z } from "zod";

/** How probabilities are kept: float16 halves the bytes and rounds (see `toHalves`). */
export type ElementType = "float32" | "float16";

export const bytesPerElement: Readonly<Record<ElementType, number>> = { float32: 4, float16: 2 };

/** The SHA-256 of the header, in hexadecimal, stands between its length and the header. */
export const digestBytes = 64;

const paths = z.array(z.array(z.int().min(2).max(32)).min(1));
const hex = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits");

/**
 * The JSON header of one part of a path table. Behind it lie, little-endian and without gaps, the labels (int32 [n]), one column
 * [n, K] of `elementType` per path, and one column of float32 [n, D] per path with exit features. Each has its SHA-256 here.
 */
export const partHeaderSchema = z
  .strictObject({
    format: z.literal("quee-path-table-part"),
    version: z.literal(1),
    role: z.enum(["train", "validation", "calibration", "test"]),
    /** The first of its samples in the split. */
    from: z.int().min(0),
    count: z.int().min(0),
    classCount: z.int().min(1),
    elementType: z.enum(["float32", "float16"]),
    paths,
    exitFeatures: z.strictObject({ width: z.int().min(0), paths }),
    sha256: z.strictObject({ labels: hex, probabilities: z.array(hex), exitFeatures: z.array(hex) }),
  })
  .refine(({ paths: all, sha256 }) => all.length === sha256.probabilities.length, "one digest per path")
  .refine(
    ({ exitFeatures, sha256 }) => exitFeatures.paths.length === sha256.exitFeatures.length,
    "one digest per path with exit features",
  );

export type PartHeader = z.infer<typeof partHeaderSchema>;

/** Bytes of the labels, of a column of probabilities, and of one of exit features. */
export function columnBytes({ count, classCount, elementType, exitFeatures }: PartHeader) {
  return {
    labels: 4 * count,
    probabilities: bytesPerElement[elementType] * count * classCount,
    exitFeatures: 4 * count * exitFeatures.width,
  };
}
