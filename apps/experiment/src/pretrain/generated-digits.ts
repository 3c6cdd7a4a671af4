import {
  type ImageSplit,
  type PreprocessorConfig,
  preprocessor,
  renderDigit,
  syntheticDigits,
  syntheticDigitsVersion,
} from "@quee/datasets";
import type { TrainingImages } from "./training-images.js";

/** Synthetic digits without end: no image comes twice. */
export function generatedDigits(seed: number, preprocessing: PreprocessorConfig): TrainingImages {
  const prepare = preprocessor(preprocessing);
  const facts = syntheticDigits({ seed, role: "train", count: 1 });
  return {
    classCount: facts.classCount,
    identity: { generator: syntheticDigitsVersion, seed, preprocessing },
    async batch(step, size) {
      const drawn = Array.from({ length: size }, (_, i) => renderDigit(seed, "train", step * size + i));
      const labels = Int32Array.from(drawn, ({ label }) => label);
      const split: ImageSplit<"train"> = { ...facts, count: size, labels, image: (i) => drawn[i]?.image as Uint8Array };
      return { images: prepare(split, Int32Array.from(drawn.keys())), labels };
    },
  };
}
