import { describe, expect, test } from "vitest";
import { parsePreprocessorConfig } from "./config.js";

const statistics = { do_normalize: true, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };

describe("Hugging Face", () => {
  test("DINOv2's BitImageProcessor, as its file has it", () => {
    const config = parsePreprocessorConfig({
      crop_size: { height: 224, width: 224 },
      do_center_crop: true,
      do_convert_rgb: true,
      do_normalize: true,
      do_rescale: true,
      do_resize: true,
      image_mean: [0.485, 0.456, 0.406],
      image_processor_type: "BitImageProcessor",
      image_std: [0.229, 0.224, 0.225],
      resample: 3,
      rescale_factor: 0.00392156862745098,
      size: { shortest_edge: 256 },
    });
    expect(config).toMatchObject({ size: { shortest_edge: 256 }, resample: 3, crop_rounding: "floor" });
  });

  test.each([
    ["ViTFeatureExtractor", { height: 384, width: 384 }, 2],
    ["ViTImageProcessor", { height: 384, width: 384 }, 2],
    ["DeiTImageProcessor", { height: 384, width: 384 }, 3],
    ["CLIPFeatureExtractor", { shortest_edge: 384 }, 3],
    ["BitImageProcessor", { shortest_edge: 384 }, 3],
  ])("a number as size is what %s takes it for, and its filter is the default", (type, size, resample) => {
    const config = parsePreprocessorConfig({ feature_extractor_type: type, do_resize: true, size: 384, ...statistics });
    expect([config.size, config.resample]).toEqual([size, resample]);
  });

  test("a number as size without a class that says which edges is refused", () => {
    expect(() => parsePreprocessorConfig({ do_resize: true, size: 224, ...statistics })).toThrow(/size/);
    const asked = { do_resize: true, size: 224, default_to_square: false, ...statistics };
    expect(parsePreprocessorConfig(asked).size).toEqual({ shortest_edge: 224 });
  });

  test("what newer files add and leave off changes nothing", () => {
    const config = parsePreprocessorConfig({
      image_processor_type: "ViTImageProcessorFast",
      data_format: "channels_first",
      device: null,
      disable_grouping: null,
      do_pad: null,
      do_center_crop: null,
      crop_size: null,
      do_resize: true,
      size: { height: 224, width: 224 },
      ...statistics,
    });
    expect(config).toMatchObject({ do_center_crop: false, size: { height: 224, width: 224 }, resample: 2 });
    expect(config.crop_size).toBeUndefined();
  });

  test("a step that we do not have is refused when it is on", () => {
    expect(() => parsePreprocessorConfig({ do_resize: false, do_pad: true, ...statistics })).toThrow(/do_pad/);
  });

  test.each([
    [{ shortest_edge: 224 }, { size: { shortest_edge: 256 }, crop_size: { height: 224, width: 224 } }],
    [{ shortest_edge: 384 }, { size: { height: 384, width: 384 } }],
  ])("ConvNeXt's crop_pct at %j", (size, expected) => {
    const config = {
      image_processor_type: "ConvNextImageProcessor",
      do_resize: true,
      size,
      crop_pct: 0.875,
      ...statistics,
    };
    expect(parsePreprocessorConfig(config)).toMatchObject(expected);
  });

  test("both spellings may stand side by side while they agree", () => {
    const config = {
      do_resize: true,
      size: { shortest_edge: 248 },
      do_center_crop: true,
      crop_size: { height: 224, width: 224 },
      crop_pct: 0.9,
      interpolation: "bicubic",
      ...statistics,
    };
    expect(parsePreprocessorConfig(config)).toMatchObject({ resample: 3, size: { shortest_edge: 248 } });
    expect(parsePreprocessorConfig({ ...config, resample: 3 }).resample).toBe(3);
    expect(() => parsePreprocessorConfig({ ...config, resample: 2 })).toThrow(/interpolation/);
  });
});

describe("timm", () => {
  const pretrained = {
    url: "",
    num_classes: 1000,
    input_size: [3, 224, 224],
    interpolation: "bicubic",
    crop_pct: 0.9,
    crop_mode: "center",
    fixed_input_size: true,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    first_conv: "patch_embed.proj",
  };
  const expected = {
    do_resize: true,
    size: { shortest_edge: 248 },
    resample: 3,
    do_center_crop: true,
    crop_size: { height: 224, width: 224 },
    crop_rounding: "half-even",
    do_rescale: true,
    image_std: [0.229, 0.224, 0.225],
  };

  test("a pretrained_cfg, alone or inside a config.json, is timm's evaluation transform", () => {
    expect(parsePreprocessorConfig(pretrained)).toMatchObject(expected);
    expect(parsePreprocessorConfig({ architecture: "vit", pretrained_cfg: pretrained })).toMatchObject(expected);
  });

  test("without crop_pct and interpolation it is timm's 0.875 and bilinear", () => {
    const { crop_pct, interpolation, ...rest } = pretrained;
    expect(parsePreprocessorConfig(rest)).toMatchObject({ size: { shortest_edge: 256 }, resample: 2 });
  });

  test("crop_mode squash squeezes; border is refused", () => {
    const squashed = parsePreprocessorConfig({ ...pretrained, crop_mode: "squash", crop_pct: 1 });
    expect(squashed.size).toEqual({ height: 224, width: 224 });
    expect(() => parsePreprocessorConfig({ ...pretrained, crop_mode: "border" })).toThrow(/crop_mode/);
  });

  test.each([
    ["grey images", { input_size: [1, 224, 224] }, /input_size/],
    ["images that are no squares", { input_size: [3, 224, 192] }, /input_size/],
    ["a filter drawn at random", { interpolation: "random" }, /resample/],
    ["a name of the prototype", { interpolation: "constructor" }, /resample/],
  ])("%s are refused", (_, change, message) => {
    expect(() => parsePreprocessorConfig({ ...pretrained, ...change })).toThrow(message);
  });
});
