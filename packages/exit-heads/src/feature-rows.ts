import type { Tensor } from "@quee/tensor";
import { rowsInMemory, type SampleRows } from "@quee/training";

/** Features of one exit as rows of one column, wherever they lie. @param features [N, D] */
export function featureRows(features: Tensor | SampleRows): SampleRows {
  return "shape" in features ? rowsInMemory([features]) : features;
}

/** Of features of one exit. */
export function shapeOf(features: Tensor | SampleRows): readonly number[] {
  return "shape" in features ? features.shape : [features.count, ...features.widths];
}
