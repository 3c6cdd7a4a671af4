import { z } from "zod";
import { corruptionKinds, strengths } from "../shift/kinds.js";
import { backboneSchema, finetuneSchema, pretrainSchema } from "./backbone-schema.js";
import { datasetSchema } from "./dataset-schema.js";
import { presetNames } from "./presets.js";
import { rivalNames } from "./rival-names.js";

const count = z.int().min(1).max(10_000_000);
const seed = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
const learning = {
  learningRate: z.number().positive().max(1).default(1e-3),
  weightDecay: z.number().min(0).max(1).default(1e-4),
  batchSize: count.default(512),
  /** Epochs without a better validation score before training stops. */
  patience: count.default(2),
};

const costModel = z.enum(["with-stem", "blocks-only", "weights-times-activations"]);

/**
 * Bits of the stem: at `levels` those of block 1. Where every path begins at the most bits, that is the highest level, and for a rival at
 * one bit-width its own, as the cost b / b_max of rivals counts it. `highest` gives rivals more than they pay for.
 */
const stem = z.enum(["highest", "levels", "float"]).default("levels");

const fields = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "lower-case letters, digits and hyphens"),
  seed: seed.default(0),
  /** What holds where the config does not say: our defaults, or the letter of the paper. */
  preset: z.enum(presetNames).default("default"),
  dataset: datasetSchema,
  backbone: backboneSchema,
  /** Layers, counted from 1, behind which an exit stands; the last one is the depth of the network. */
  exits: z
    .array(z.int().min(1))
    .min(1)
    .refine((layers) => layers.every((layer, j) => j === 0 || layer > (layers[j - 1] ?? 0)), "ascending layers"),
  /** Bit-widths, or `auto`: chosen by the accuracy of the last exit on validation images. */
  levels: z.union(
    [
      z.literal("auto"),
      z
        .array(z.int().min(2).max(8))
        .min(1)
        .refine((levels) => new Set(levels).size === levels.length, "distinct bit-widths"),
    ],
    { error: "auto, or distinct bit-widths from 2 to 8" },
  ),
  paths: z
    .strictObject({
      /** `monotone` never goes from fewer bits to more. */
      order: z.enum(["monotone", "any"]).default("monotone"),
      /**
       * Bits of block 1: always the most (section 5.1), or those that do best on validation images for a budget or a λ, the same for all images
       * (section 4, where the first gate is a gate too). Chosen, paths of every first level are collected, and gates learn them all.
       */
      first: z.enum(["highest", "chosen"]).default("chosen"),
    })
    .prefault({}),
  calibration: z.strictObject({ images: count.default(128) }).prefault({}),
  /** How scales are found: by PTQ4ViT's search, or from the largest magnitudes. */
  quantizer: z
    .discriminatedUnion(
      "method",
      [
        z.strictObject({ method: z.literal("min-max"), stem }),
        z.strictObject({
          method: z.literal("ptq4vit"),
          stem,
          gradient: z.enum(["ce-pseudo", "ce-label", "fisher"]).default("ce-pseudo"),
          compatibility: z.enum(["paper", "reference-code"]).default("paper"),
          /** Own ranges behind GELU and softmax. */
          twins: z.boolean().default(true),
          /** What activations of the calibration images may take at a time. */
          memoryMegabytes: count.default(1024),
        }),
      ],
      { error: "one of ptq4vit, min-max" },
    )
    .prefault({ method: "ptq4vit" }),
  /** How quantized blocks compute: on floats that are rounded, as papers simulate it, or with integers. */
  arithmetic: z.enum(["fake-quant", "integer"]).default("fake-quant"),
  heads: z
    .strictObject({
      ...learning,
      maxEpochs: count.default(15),
      /**
       * Heads are trained at full precision and answer at every bit-width. `affine`: validation images fit a scale and biases of the logits
       * for each exit and bits, for QuEE and every rival that answers with these heads.
       */
      logits: z.enum(["plain", "affine"]).default("affine"),
    })
    .prefault({}),
  clusters: z
    .strictObject({
      count: count.default(20),
      /** Validation images that cells are fitted on, drawn by the seed; without it all of them. */
      images: count.optional(),
      restarts: count.max(100).default(10),
      initialization: z.enum(["random", "kmeans++"]).default("random"),
      /** κ: the base rate of a path counts like κ more images in each cell. */
      shrinkage: z.number().min(0).default(1),
    })
    .prefault({}),
  gates: z
    .strictObject({
      ...learning,
      maxEpochs: count.default(10),
      reading: z.enum(["A", "B", "C"]).default("A"),
      embedding: count.max(1024).default(8),
      hidden: count.max(4096).default(16),
      /** What gates learn: p̃e of cells, whether answers were wrong, or half of each. */
      targets: z.enum(["cells", "outcomes", "mixed"]).default("cells"),
      /** The images that gates learn on: heads were fitted on `train`, nothing on `held-out`, which are validation images. */
      images: z.enum(["train", "held-out"]).default("train"),
      loss: z.enum(["mse", "bce"]).default("mse"),
      /** What gates see beyond equation 13: the three largest probabilities, whether the last two exits agree, or both. */
      features: z.enum(["equation-13", "top-probabilities", "agreement", "both"]).default("equation-13"),
    })
    .prefault({}),
  cost: z
    .strictObject({
      /** What results count, and budgets mean. */
      model: costModel.default("with-stem"),
      /** What the router weighs with λ; what is counted, where this says nothing. */
      routing: costModel.optional(),
    })
    .prefault({}),
  /** Methods to compare with: those that train nothing (`basic`), `all`, or some by name. */
  rivals: z
    .union([z.enum(["basic", "all"]), z.array(z.enum(rivalNames))], {
      error: `basic, all, or a list of ${rivalNames.join(", ")}`,
    })
    .default("basic"),
  /** Times that clusters, gates and rivals are trained on the same tables: with `seed`, `seed` + 1, … */
  seeds: count.max(20).default(1),
  /** Test images that are corrupted, to see whether methods stop where they should when the data move; 0 for none. */
  shift: z
    .strictObject({
      images: z.int().min(0).default(0),
      kinds: z
        .array(z.enum(corruptionKinds))
        .min(1)
        .default([...corruptionKinds]),
      strengths: z.array(z.int().min(1).max(strengths)).min(1).default([1, 2, 3, 4, 5]),
    })
    .prefault({}),
  /** How the probabilities of every path are kept on disk, and what of each table may stay in memory. */
  tables: z
    .strictObject({
      elements: z.enum(["float32", "float16"]).default("float32"),
      memoryMegabytes: count.default(1024),
    })
    .prefault({}),
  /** Mean cost per image, as fractions of running everything at the most bits, for which the best λ is looked for. */
  budgets: z.array(z.number().positive().max(1)).min(1).default([0.5, 0.6, 0.75]),
  live: z
    .strictObject({
      /** Test images that are really run block by block, to compare with the replay. */
      images: z.int().min(0).default(500),
      lambdas: z.array(z.number().min(0)).min(1).default([0.05, 0.3, 1]),
    })
    .prefault({}),
  pretrain: pretrainSchema.optional(),
  finetune: finetuneSchema.optional(),
  /** Images that go through a block together. Fixed, since sums in another order round differently. */
  batchSize: count.max(1024).default(32),
});

/** An experiment, as its YAML file says it. Keys that are not here are refused. */
export const configSchema = fields.superRefine(({ paths, quantizer }, context) => {
  if (paths.first === "highest" || quantizer.stem === "levels") return;
  // Costs count the stem at the bits of block 1: a stem at others would be counted wrong.
  const message = "levels, where paths.first is chosen; paths.first=highest allows any";
  context.addIssue({ code: "custom", path: ["quantizer", "stem"], message });
});

/** What a file says. */
export type ConfigFile = z.infer<typeof configSchema>;

/** A config whose levels are known. */
export type Config = Omit<ConfigFile, "levels"> & { levels: Exclude<ConfigFile["levels"], "auto"> };
