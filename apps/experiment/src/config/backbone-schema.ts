import { preprocessorConfigSchema } from "@quee/datasets";
import { architectureNames } from "@quee/vit-architectures";
import { z } from "zod";

const count = z.int().min(1).max(10_000_000);
const rate = z.number().positive().max(1);
const folderName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "the name of a folder, no path");

/** The network of a run. */
export const backboneSchema = z.strictObject({
  /** A folder of the models root, or of the models that come with this application. */
  model: folderName,
  /** The checkpoint that `model.onnx` is made of where the folder has none: a file under the models root. */
  weights: z
    .string()
    .regex(/^[^/\\].*\.safetensors$/, "a .safetensors file under the models root")
    .optional(),
  /** How images are prepared where no `preprocessor_config.json` lies beside the model. */
  preprocessing: preprocessorConfigSchema.optional(),
});

/** What may happen to a training image, each time anew. */
const augmentation = z.strictObject({
  /** Left and right are swapped in half of the images. */
  flip: z.boolean().default(false),
  /** Pixels of the prepared image by which it moves at most, along each axis; what comes in is 0. */
  shift: z.int().min(0).max(1024).default(0),
});

/** Training of all weights: Adam with decoupled weight decay, cosine schedule. */
const trainingSchema = z.strictObject({
  steps: count,
  batchSize: count,
  learningRate: rate,
  weightDecay: z.number().min(0).max(1),
  warmupSteps: z.int().min(0),
  labelSmoothing: z.number().min(0).max(0.5),
  augmentation: augmentation.optional(),
  /** Steps between two looks at the validation images, and between two checkpoints. */
  evaluateEvery: count,
});

export type TrainingPlan = z.infer<typeof trainingSchema>;

/** How `quee pretrain` makes the backbone; `quee run` does not look at it. */
export const pretrainSchema = trainingSchema.extend({
  architecture: z.union(
    [
      z.enum(architectureNames as [string, ...string[]]),
      z.strictObject({
        patchSize: count,
        width: count,
        depth: count,
        heads: count,
        mlpRatio: z.number().positive(),
      }),
    ],
    { error: `one of ${architectureNames.join(", ")}, or patchSize, width, depth, heads and mlpRatio of a ViT` },
  ),
});

export type PretrainPlan = z.infer<typeof pretrainSchema>;

/** How `quee finetune` makes the backbone out of another; `quee run` does not look at it. */
export const finetuneSchema = z.strictObject({
  /** The folder of the network to begin with; without it `backbone.weights`. */
  from: folderName.optional(),
  /** Training of the head on features of the frozen network. */
  head: z
    .strictObject({
      learningRate: rate.default(1e-3),
      weightDecay: z.number().min(0).max(1).default(1e-4),
      batchSize: count.default(512),
      maxEpochs: count.default(20),
      /** Epochs without a lower validation loss before training stops. */
      patience: count.default(2),
    })
    .prefault({}),
  /** Training of all weights after that of the head; without it the network stays as it is. */
  network: trainingSchema.optional(),
});

export type FinetunePlan = z.infer<typeof finetuneSchema>;
