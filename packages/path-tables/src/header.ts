import { z } from "zod";

/** `QUEEPATH` in ASCII. */
export const magic = Uint8Array.of(0x51, 0x55, 0x45, 0x45, 0x50, 0x41, 0x54, 0x48);

/** Magic, then the byte length of the header as uint32. */
export const preambleBytes = magic.length + 4;

export const formatVersion = 1;

/**
 * The JSON header of a path table file. Behind it lie, little-endian and without gaps, the labels (int32 [N]) and one chunk
 * of float32 [N, K] per path.
 */
export const headerSchema = z.strictObject({
  format: z.literal("quee-path-table"),
  version: z.literal(formatVersion),
  role: z.enum(["train", "validation", "calibration", "test"]),
  count: z.int().min(0),
  classCount: z.int().min(1),
  paths: z.array(z.array(z.int().min(2).max(32)).min(1)),
});

export type Header = z.infer<typeof headerSchema>;

/** Bytes behind the header. */
export function payloadBytes({ count, classCount, paths }: Header): number {
  return 4 * count * (1 + paths.length * classCount);
}
