import { QueeError } from "@quee/core";
import { type PreprocessorConfig, preprocessor } from "@quee/datasets";
import type { Dataset } from "../stages/dataset.js";

/** [C, H, W] of the first training image as the network sees it: what a network is built for. Our networks are square. */
export async function preparedShape(
  { train }: Dataset,
  preprocessing: PreprocessorConfig,
): Promise<readonly [number, number, number]> {
  const { shape } = await preprocessor(preprocessing)(train, Int32Array.of(0));
  const [, channels = 0, height = 0, width = 0] = shape;
  if (height === width) return [channels, height, width];
  throw new QueeError({
    code: "E_NOT_SQUARE",
    kind: "config",
    where: "backbone.preprocessing",
    expected: "images that come out square",
    got: `${height}×${width}`,
    hint: "Give size a height and a width, or add a centre crop",
  });
}
