import { z } from "zod";

/** `QUEEPATH` in ASCII. */
export const magic = Uint8Array.of(0x51, 0x55, 0x45, 0x45, 0x50, 0x41, 0x54, 0x48);

/** Magic, then the byte length of the header as uint32. */
export const preambleBytes = magic.length + 4;

const paths = z.array(z.array(z.int().min(2).max(32)).min(1));

const firstVersion = z.strictObject({
  format: z.literal("quee-path-table"),
  version: z.literal(1),
  role: z.enum(["train", "validation", "calibration", "test"]),
  count: z.int().min(0),
  classCount: z.int().min(1),
  paths,
});

/** Only tables that carry exit features are of the second version. */
const secondVersion = firstVersion.extend({
  version: z.literal(2),
  exitFeatures: z.strictObject({ width: z.int().min(1), paths: paths.min(1) }),
});

/**
 * The JSON header of a path table file. Behind it lie, little-endian and without gaps, the labels (int32 [N]), one chunk of
 * float32 [N, K] per path, and in the second version one chunk of float32 [N, D] per path with exit features.
 */
export const headerSchema = z.discriminatedUnion("version", [firstVersion, secondVersion]);

export type Header = z.infer<typeof headerSchema>;

/** Bytes behind the header. */
export function payloadBytes(header: Header): number {
  const { count, classCount, paths } = header;
  const features = header.version === 2 ? header.exitFeatures.paths.length * header.exitFeatures.width : 0;
  return 4 * count * (1 + paths.length * classCount + features);
}
