/** Keys of a JSON object that nobody has checked. */
type Loose = Readonly<Record<string, unknown>>;

/** What an image processor of Hugging Face's `transformers` does where its file says nothing, by the name of its class. */
interface ProcessorDefaults {
  /** A number as `size` is both edges; otherwise it is the shorter one. */
  readonly isSquare: boolean;
  readonly resample: number;
}

const processorDefaults: readonly (readonly [prefix: string, defaults: ProcessorDefaults])[] = [
  ["ViT", { isSquare: true, resample: 2 }],
  ["DeiT", { isSquare: true, resample: 3 }],
  ["Beit", { isSquare: true, resample: 3 }],
  ["ConvNext", { isSquare: false, resample: 2 }],
  ["Bit", { isSquare: false, resample: 3 }],
  ["CLIP", { isSquare: false, resample: 3 }],
];

/** Keys that change no pixel, whatever they say. */
const harmless = new Set(["data_format", "input_data_format", "return_tensors", "device", "disable_grouping"]);
/** Steps that we do not have; fine while they are off. */
const offOnly = new Set(["do_pad", "pad_size", "do_reduce_labels", "do_flip_channel_order", "size_divisor"]);

const resampleOfName: ReadonlyMap<unknown, number> = new Map([
  ["nearest", 0],
  ["lanczos", 1],
  ["bilinear", 2],
  ["bicubic", 3],
  ["box", 4],
  ["hamming", 5],
]);

/** Brings every form that is known to the one whose sizes are objects; what is not known stays, and is refused there. */
export function canonicalForm(json: unknown): unknown {
  if (!isObject(json)) return json;
  if (isObject(json["pretrained_cfg"])) return fromTimm(json["pretrained_cfg"]);
  if ("input_size" in json) return fromTimm(json);
  return fromHuggingFace(json);
}

function fromHuggingFace(json: Loose): Loose {
  const kept = Object.entries(json).filter(
    ([key, value]) => value !== null && !harmless.has(key) && !(offOnly.has(key) && value === false),
  );
  const { default_to_square, crop_pct, interpolation, ...config } = Object.fromEntries(kept);
  const type = String(config["image_processor_type"] ?? config["feature_extractor_type"] ?? "");
  const defaults = processorDefaults.find(([prefix]) => type.startsWith(prefix))?.[1];
  const isSquare = typeof default_to_square === "boolean" ? default_to_square : defaults?.isSquare;
  const result: Record<string, unknown> = { ...config };
  if (typeof config["size"] === "number" && isSquare !== undefined) {
    result["size"] = isSquare ? square(config["size"]) : { shortest_edge: config["size"] };
  }
  if (typeof config["crop_size"] === "number") result["crop_size"] = square(config["crop_size"]);
  const named = resampleOfName.get(interpolation);
  const resample = config["resample"] ?? named ?? defaults?.resample;
  if (resample !== undefined) result["resample"] = resample;
  if (interpolation !== undefined && named !== resample) result["interpolation"] = interpolation;
  if (crop_pct !== undefined && !isSaidTwice(result, crop_pct)) Object.assign(result, cropOfConvNext(result, crop_pct));
  return result;
}

/** `crop_pct` beside a size and a crop that are its result. */
function isSaidTwice({ size, crop_size: crop }: Loose, cropPct: unknown): boolean {
  if (typeof cropPct !== "number" || !isObject(size) || !isObject(crop)) return false;
  return Math.floor(Number(crop["height"]) / cropPct) === (size["shortest_edge"] ?? size["height"]);
}

/** ConvNeXt's processor: below 384 pixels the crop is cut out of a larger image, above that the whole is squeezed. */
function cropOfConvNext({ size }: Loose, cropPct: unknown): Loose {
  const edge = isObject(size) ? size["shortest_edge"] : undefined;
  if (typeof edge !== "number" || typeof cropPct !== "number") return { crop_pct: cropPct };
  if (edge >= 384) return { size: square(edge) };
  return { size: { shortest_edge: Math.trunc(edge / cropPct) }, do_center_crop: true, crop_size: square(edge) };
}

/** timm's evaluation transform: resize by `crop_pct`, torchvision's centre crop, normalise. */
function fromTimm(config: Loose): Loose {
  const { input_size, interpolation, crop_pct = 0.875, crop_mode = "center", mean, std } = config;
  const [channels, height, width] = Array.isArray(input_size) ? input_size : [];
  const isKnown =
    channels === 3 && typeof height === "number" && height === width && typeof crop_pct === "number" && crop_pct > 0;
  // Left as they are, these are refused by name.
  if (!isKnown) return { do_resize: true, do_normalize: true, input_size };
  const scaled = Math.floor(height / crop_pct);
  return {
    do_resize: true,
    size: crop_mode === "squash" ? square(scaled) : { shortest_edge: scaled },
    resample: resampleOfName.get(interpolation ?? "bilinear") ?? interpolation,
    do_center_crop: true,
    crop_size: square(height),
    crop_rounding: "half-even",
    do_normalize: true,
    image_mean: mean,
    image_std: std,
    ...(crop_mode === "center" || crop_mode === "squash" ? {} : { crop_mode }),
  };
}

function square(edge: number): { readonly height: number; readonly width: number } {
  return { height: edge, width: edge };
}

function isObject(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
