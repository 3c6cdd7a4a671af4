import { z } from "zod";

const fraction = z.number().min(0).max(1);
const count = z.number().int().nonnegative();
const cost = z.number().nonnegative();
const setting = z.union([z.number(), z.string()]);
const pathName = z.string().regex(/^\d+(-\d+)*$/, "bits joined by dashes");
const range = z.strictObject({ from: cost, to: cost });

/** Accuracy of a first method less that of a second, at the same mean cost, with the 95 % interval of a paired bootstrap. */
const difference = z.strictObject({
  difference: z.number(),
  low: z.number(),
  high: z.number(),
  /** The interval does not hold zero. */
  significant: z.boolean(),
});

/** The mean over costs from … to. */
const differenceOver = difference.extend({ from: cost, to: cost });

const costAtDrop = z.array(
  z.strictObject({
    /** Points of accuracy that may be lost against the whole network at the most bits. */
    dropPoints: z.number().nonnegative(),
    /** The least cost for the rest; null where the method never has it. */
    cost: cost.nullable(),
  }),
);

const methodSchema = z.strictObject({
  method: z.string().min(1),
  /** `ceiling` knows too much to be beaten, `floor` nothing. */
  role: z.enum(["main", "rival", "ceiling", "floor"]),
  /** Networks trained for one curve. */
  trainings: count,
  /** Settings that were measured on validation images, and those of them that no other beats there. */
  settings: count,
  chosen: count,
  /** Accuracy that a setting lies below the envelope of all settings on validation images, mean over settings and seeds. */
  belowEnvelope: z.number().nonnegative(),
  /** Costs that its points reach in every seed. */
  range: range.nullable(),
  /** Mean accuracy over that range, by seed. */
  meanTop1BySeed: z.array(fraction.nullable()),
  costAtDrop,
});

const pairSchema = z.strictObject({
  first: z.string().min(1),
  second: z.string().min(1),
  /** Over all costs that both reach, and over the cheap and the dear half of them; null where there is no such range. */
  whole: differenceOver.nullable(),
  cheapHalf: differenceOver.nullable(),
  dearHalf: differenceOver.nullable(),
  /** At single costs. Beyond its dearest point a method stays there; costs below the cheapest point of one are left out. */
  at: z.array(difference.extend({ cost })),
});

const modelSchema = z.strictObject({
  /** How cost is counted. */
  model: z.string().min(1),
  methods: z.array(
    z.strictObject({
      method: z.string().min(1),
      points: z.array(z.strictObject({ setting, top1: fraction, cost })),
      costAtDrop,
    }),
  ),
  pairs: z.array(
    z.strictObject({
      first: z.string().min(1),
      second: z.string().min(1),
      range: range.nullable(),
      /** Mean accuracy of both over the range. */
      meanTop1: z.tuple([fraction, fraction]).nullable(),
    }),
  ),
});

/** How methods stand to each other: settings chosen on validation images, everything else from test images. */
export const comparisonSchema = z.strictObject({
  /** Seeds of clusters, gates and trained rivals; the first is that of the curves. */
  seeds: z.array(z.number().int()).min(1),
  /** Resamples of every bootstrap. */
  resamples: count,
  /** The whole network at the most bits. */
  fullTop1: fraction,
  methods: z.array(methodSchema),
  pairs: z.array(pairSchema),
  /** Paths that QuEE may take, each as a static network, and the share of images for which it is the cheapest that is right. */
  paths: z.array(z.strictObject({ path: pathName, cost, top1: fraction, cheapestRight: fraction })),
  /** The same methods under the other ways to count cost. */
  costModels: z.array(modelSchema),
});

export type Comparison = z.infer<typeof comparisonSchema>;
export type ComparedMethod = Comparison["methods"][number];
export type ComparedPair = Comparison["pairs"][number];

const shiftPoint = z.strictObject({ setting, top1: fraction, cost });

/** Methods on corrupted test images, at the settings that clean validation images chose. */
export const shiftSchema = z.strictObject({
  /** Images under each condition: the first of the test split. */
  images: z.number().int().positive(),
  /** Kinds of corruption that every strength is a mean over. */
  kinds: z.array(z.string().min(1)).min(1),
  strengths: z.array(z.number().int().positive()).min(1),
  methods: z.array(
    z.strictObject({
      method: z.string().min(1),
      /** The curve on the same images as they were, and at each strength, by rising cost on clean ones. */
      clean: z.array(shiftPoint),
      byStrength: z.array(z.array(shiftPoint)),
    }),
  ),
  /** The setting of each budget of the config, under every condition. */
  conditions: z.array(
    z.strictObject({
      kind: z.string().min(1),
      strength: z.number().int().positive(),
      points: z.array(
        z.strictObject({ method: z.string().min(1), budget: z.number().positive(), top1: fraction, cost }),
      ),
    }),
  ),
});

export type Shift = z.infer<typeof shiftSchema>;
