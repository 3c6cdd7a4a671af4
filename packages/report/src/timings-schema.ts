import { z } from "zod";

/** `timings.json`: all that depends on the machine and its clock, kept out of `results.json`. */
export const timingsSchema = z.strictObject({
  schemaVersion: z.literal(1),
  stages: z.array(
    z.strictObject({
      name: z.string().min(1),
      seconds: z.number().nonnegative(),
      cpuSeconds: z.number().nonnegative(),
      peakRssBytes: z.number().int().nonnegative(),
      /** True where the result was there already. */
      cached: z.boolean(),
    }),
  ),
});

export type Timings = z.infer<typeof timingsSchema>;
