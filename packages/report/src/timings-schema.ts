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
  /** What a whole curve took: fitting all its settings, by method and seed; measuring them is left out. */
  methods: z
    .array(
      z.strictObject({
        method: z.string().min(1),
        seed: z.number().int(),
        trainings: z.number().int().nonnegative(),
        /** When it was made; null where that is not known any more. */
        seconds: z.number().nonnegative().nullable(),
      }),
    )
    .optional(),
});

export type Timings = z.infer<typeof timingsSchema>;
