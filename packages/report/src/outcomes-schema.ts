import { z } from "zod";

/** Raised when a reader of the old form would misread the new one. */
export const outcomesSchemaVersion = 1;

/** Bits of a byte from the lowest up, images in order, in Base64. */
const bits = z.base64();

/**
 * `outcomes.json`: which test images every point of every curve has right, so that two runs on the same images can be compared
 * image by image.
 */
export const outcomesSchema = z.strictObject({
  schemaVersion: z.literal(outcomesSchemaVersion),
  /** Stands for pixels and labels of the test images. */
  testImages: z.string().min(1),
  count: z.number().int().positive(),
  curves: z.array(
    z.strictObject({
      method: z.string().min(1),
      /** By seed, then by rising cost. */
      bySeed: z.array(
        z.array(z.strictObject({ setting: z.union([z.number(), z.string()]), cost: z.number(), right: bits })),
      ),
    }),
  ),
});

export type Outcomes = z.infer<typeof outcomesSchema>;
