import { z } from "zod";
import { comparisonSchema, shiftSchema } from "./comparison-schema.js";
import { mismatches } from "./results-consistency.js";

/** Raised when a reader of the old form would misread the new one. */
export const resultsSchemaVersion = 1;

const fraction = z.number().min(0).max(1);
const count = z.number().int().nonnegative();
/** What a gate of one kind of sample cannot have (AUROC where nothing is wrong) is null, never NaN. */
const score = z.number().nullable();
const lambda = z.number().nonnegative();
/** Bits of block 1, the same for all images; left out where they are always the most. */
const firstBits = z.number().int().positive().optional();

/** 95 % interval, low end first. */
const interval = z.tuple([z.number(), z.number()]).refine(([low, high]) => low <= high, "the low end first");

/** Bits of the blocks that run, `8-8-6`. */
const pathName = z.string().regex(/^\d+(-\d+)*$/, "bits joined by dashes");

/** Share of images per exit, first exit first. */
const shares = z.array(fraction).min(1).refine(sumsToOne, "shares that sum to 1");

const pointSchema = z.strictObject({
  /** Value of the curve's parameter: a λ, a threshold, a bit-width. */
  setting: z.union([z.number(), z.string()]),
  /** What the first gate chose at this λ, on validation images. */
  firstBits,
  top1: fraction,
  top1Ci95: interval,
  /** Mean cost per image, as a fraction of everything at the most bits. */
  cost: z.number().nonnegative(),
  costP95: z.number().nonnegative(),
  exitHistogram: shares,
  /** Share of images per path; paths that nobody takes may be left out. Where present, figures show bits too. */
  pathShares: z.record(pathName, fraction).optional(),
});

const curveSchema = z.strictObject({
  /** `quee`, `static-ptq`, `threshold-…`, `jei-dnn`, `dqnet-gate`, `oracle-…`, `random` */
  method: z.string().min(1),
  /** What `setting` is: `lambda`, `threshold`, `bits` … */
  parameter: z.string().min(1),
  arithmetic: z.enum(["integer", "fake-quant", "float"]),
  /** `staged` really ran only the chosen blocks; `replayed` looked up what they would have said. */
  exit: z.enum(["staged", "replayed"]),
  /** Settings that validation images chose; by rising cost. */
  points: z.array(pointSchema).min(1),
  /** The same with other seeds of whatever was trained. */
  seeds: z
    .array(
      z.strictObject({
        seed: z.number().int(),
        points: z.array(
          z.strictObject({ setting: z.union([z.number(), z.string()]), top1: fraction, cost: z.number() }),
        ),
      }),
    )
    .optional(),
});

const outcome = z.strictObject({ top1: fraction, cost: z.number().nonnegative() });

/** The way of one method to spend at most `budget`, chosen on validation images and then told about test images. */
const operatingPointSchema = z.strictObject({
  /** Mean fraction of the cost of everything at the most bits. */
  budget: z.number().positive(),
  /** Null, with the rest, where even the cheapest setting costs more. */
  lambda: lambda.nullable(),
  firstBits,
  validation: outcome.nullable(),
  test: outcome.nullable(),
  /** The rivals under the same budget, chosen the same way; one without a cheap enough setting is left out. */
  rivals: z.array(
    z.strictObject({
      method: z.string().min(1),
      setting: z.union([z.number(), z.string()]),
      validation: outcome,
      test: outcome,
    }),
  ),
});

/** Where the images of each class leave, at one λ on test images. */
const classPointSchema = z.strictObject({
  lambda,
  /** [K][E] images of class k that leave at exit e */
  exits: z.array(z.array(count).min(1)).min(1),
  /** [K] images of class k that are classified right */
  correct: z.array(count),
  /** [K] mean bits of the blocks that run, over images; null for a class without images */
  meanBits: z.array(z.number().positive().nullable()),
});

const fields = z.strictObject({
  schemaVersion: z.literal(resultsSchemaVersion),
  /** Name of the config and hash of its resolved form. */
  experiment: z.strictObject({ config: z.string(), configHash: z.string(), seed: z.number().int() }),
  dataset: z.string().min(1),
  /** Images per split. */
  splits: z.strictObject({ train: count, validation: count, calibration: count, test: count }),
  backbone: z.strictObject({
    name: z.string().min(1),
    /** Full precision, last exit, on the same test images. */
    top1: fraction,
    macs: count,
    /** Layers behind which the exits stand, 1-based; the last is the depth. */
    exits: z.array(z.number().int().positive()).min(1),
    /** Bit-widths that blocks may run at, most bits first. */
    levels: z.array(z.number().int().positive()).min(1),
    /** Full precision at each exit. */
    exitTop1: z.array(fraction),
  }),
  /** Legal paths, `8-8-6`. */
  paths: z.array(pathName).min(1),
  cost: z.strictObject({
    /** What is counted, e.g. `with-stem`. */
    model: z.string().min(1),
    /** What QuEE's router weighs with λ, where that is something else. */
    routing: z.string().min(1).optional(),
    unit: z.enum(["BitOPs", "ms"]),
    /** Cost of everything at the most bits, in `unit`: cost 1 of all curves. */
    unitCost: z.number().positive(),
    /** The stem as a fraction of it. */
    stem: z.number().nonnegative(),
    /** Each exit's head at the most bits, as a fraction of it. */
    heads: z.array(z.number().nonnegative()),
  }),
  curves: z.array(curveSchema).min(1),
  gates: z.array(
    z.strictObject({ gate: z.number().int().positive(), rmse: score, ece: score, brier: score, auroc: score }),
  ),
  clusters: z.strictObject({ K: z.number().int().positive(), ece: score, brier: score }),
  operatingPoints: z.array(operatingPointSchema),
  /** Left out where there is nothing to compare. */
  comparison: comparisonSchema.optional(),
  /** Left out where no image was corrupted. */
  shift: shiftSchema.optional(),
  classes: z.strictObject({ names: z.array(z.string()).min(1), points: z.array(classPointSchema) }),
  /** Test images that took a path, at the λ of one operating point; `id` is the index in the test split. */
  examples: z.array(
    z.strictObject({
      path: pathName,
      lambda,
      images: z.array(z.strictObject({ id: count, label: count, predicted: count })),
    }),
  ),
});

/** The whole of `results.json`. Nothing in it depends on the clock or the machine. */
export const resultsSchema = fields.superRefine((results, context) => {
  for (const { path, expected } of mismatches(results)) {
    context.addIssue({ code: "custom", path: [...path], message: expected });
  }
});

export type Results = z.infer<typeof fields>;
export type Curve = z.infer<typeof curveSchema>;
export type CurvePoint = z.infer<typeof pointSchema>;
export type OperatingPointResult = z.infer<typeof operatingPointSchema>;
export type ClassPoint = z.infer<typeof classPointSchema>;

function sumsToOne(parts: readonly number[]): boolean {
  return Math.abs(parts.reduce((sum, part) => sum + part, 0) - 1) < 1e-6;
}
