import type { SplitRole } from "@quee/core";
import { type AnyImageSplit, type PreprocessorConfig, preprocessor } from "@quee/datasets";
import type { ImageSource } from "@quee/path-runtime";

/** Images `from … from + count − 1` of a split, preprocessed as the model asks. */
export function imageSource(
  split: AnyImageSplit<SplitRole>,
  preprocessing: PreprocessorConfig,
  from = 0,
  count = split.count - from,
): ImageSource {
  const prepare = preprocessor(preprocessing);
  return {
    count,
    batch: (indices) =>
      prepare(
        split,
        indices.map((i) => from + i),
      ),
  };
}
