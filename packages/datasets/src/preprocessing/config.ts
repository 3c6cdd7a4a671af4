import { readFile } from "node:fs/promises";
import { QueeError } from "@quee/core";
import { z } from "zod";
import { canonicalForm } from "./other-forms.js";

const size = z.strictObject({ height: z.int().min(1), width: z.int().min(1) });
const perChannel = z.tuple([z.number(), z.number(), z.number()]);
/** What an image processor of a library is called does not change pixels. */
const label = z.string().optional();

const canonicalSchema = z
  .strictObject({
    image_processor_type: label,
    feature_extractor_type: label,
    processor_class: label,
    /** Images are RGB always. */
    do_convert_rgb: z.boolean().nullish(),
    do_resize: z.boolean(),
    /** Whole size, or the shorter edge with the longer in proportion. */
    size: z.union([size, z.strictObject({ shortest_edge: z.int().min(1) })]).optional(),
    /** Numbers of Pillow: 0 nearest, 1 Lanczos, 2 bilinear, 3 bicubic, 4 box, 5 Hamming. */
    resample: z.literal([0, 1, 2, 3, 4, 5]).default(2),
    do_center_crop: z.boolean().default(false),
    crop_size: size.optional(),
    /** Ours. Where an odd margin is cut: Hugging Face rounds down, torchvision to even. */
    crop_rounding: z.enum(["floor", "half-even"]).default("floor"),
    do_rescale: z.boolean().default(true),
    rescale_factor: z.number().default(1 / 255),
    do_normalize: z.boolean(),
    image_mean: perChannel.optional(),
    image_std: perChannel.optional(),
    /** Ours. `pillow` rounds to bytes after each direction, as libraries do that resize with Pillow; `float` is torch's. */
    resize_arithmetic: z.enum(["float", "pillow"]).default("pillow"),
    /** Ours. Widens the filter when an image shrinks. Pillow always does. */
    antialias: z.boolean().optional(),
    /** Ours. Corner pixels keep their places (torch's `align_corners`). */
    align_corners: z.boolean().default(false),
  })
  .superRefine((config, context) => {
    const need = (asked: boolean, key: "size" | "crop_size" | "image_mean" | "image_std", by: string) => {
      if (asked && config[key] === undefined)
        context.addIssue({ code: "custom", path: [key], message: `needed by ${by}` });
    };
    need(config.do_resize, "size", "do_resize");
    need(config.do_center_crop, "crop_size", "do_center_crop");
    need(config.do_normalize, "image_mean", "do_normalize");
    need(config.do_normalize, "image_std", "do_normalize");
    if (config.image_std?.some((std) => std <= 0)) {
      context.addIssue({ code: "custom", path: ["image_std"], message: "above 0" });
    }
  });

/**
 * `preprocessor_config.json` of Hugging Face image processors, old and new, or timm's `pretrained_cfg`; and our keys for what
 * they leave open. Steps run as there: resize, centre crop, rescale, normalise. A key that is not known is refused: it might
 * change pixels.
 */
export const preprocessorConfigSchema = z.preprocess(canonicalForm, canonicalSchema);

export type PreprocessorConfig = z.output<typeof canonicalSchema>;

/** @param file named in the message of an error */
export function parsePreprocessorConfig(json: unknown, file?: string): PreprocessorConfig {
  const parsed = preprocessorConfigSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new QueeError({
    code: "E_PREPROCESSOR_CONFIG",
    kind: "input",
    ...(file === undefined ? {} : { file }),
    where: first.path.length === 0 ? "preprocessor" : first.path.join("."),
    expected: "keys of an image processor that this version implements",
    got: parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
    cause: parsed.error,
  });
}

/** Reads a model's `preprocessor_config.json`. */
export async function readPreprocessorConfig(file: string): Promise<PreprocessorConfig> {
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new QueeError({
      code: "E_PREPROCESSOR_CONFIG",
      kind: cause.code === "ENOENT" ? "input" : "environment",
      file,
      expected: "how to preprocess images for this model",
      got: cause.code ?? String(cause),
      cause,
    });
  });
  return parsePreprocessorConfig(parseJson(text, file), file);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new QueeError({
      code: "E_PREPROCESSOR_CONFIG",
      kind: "input",
      file,
      expected: "JSON",
      got: String(cause),
      cause,
    });
  }
}
