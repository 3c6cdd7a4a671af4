import type { Bits } from "@quee/core";
import type { StemBits } from "@quee/ptq4vit-quantizer";
import type { ScaleSettings } from "./find-encodings.js";

/** What the command line asks of `quantize`. */
export interface QuantizeRequest {
  /** An .onnx file. */
  readonly model: string;
  /** How images are prepared; without it `preprocessor_config.json` beside the model. */
  readonly preprocessing?: string;
  /** The folder of the images. */
  readonly data: string;
  /** The file or folder in it that calibration images come from; without it all training images. */
  readonly calibrate?: string;
  /** The file or folder of labelled images that a comparison is made on; without it training images that nothing was calibrated on. */
  readonly evaluate?: string;
  /** Calibration images. */
  readonly images: number;
  /** Other images, to look at the result with. */
  readonly heldImages: number;
  /** Most bits first. */
  readonly levels: readonly Bits[];
  readonly settings: ScaleSettings;
  readonly stem: StemBits;
  readonly seed: number;
  readonly threads: number;
  readonly out: string;
  readonly isCompare: boolean;
  readonly isDryRun: boolean;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}
