import type { Split, SplitRole } from "@quee/core";
import type { Tensor } from "@quee/tensor";
import type { SampleRows } from "@quee/training";

/** The classifier at one exit: logits = features·W + b, the form of the backbone's own head. */
export interface ExitHead {
  /** [D, K] */
  readonly weight: Tensor;
  /** [K] */
  readonly bias: Tensor;
}

/**
 * What the frozen backbone shows at its exits: the class token behind the backbone's final norm, `exit_features`. As tensors, or as rows
 * that are read where they do not fit into memory.
 */
export interface FeatureSplit<Role extends SplitRole, Features extends Tensor | SampleRows = Tensor>
  extends Split<Role> {
  /** Of the exits whose heads are trained, first exit first: E − 1 times [N, D], without the final exit's; rows have one column. */
  readonly features: readonly Features[];
}
