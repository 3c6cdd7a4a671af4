import type { Split, SplitRole } from "@quee/core";
import type { Tensor } from "@quee/tensor";

/** The classifier at one exit: logits = features·W + b, the form of the backbone's own head. */
export interface ExitHead {
  /** [D, K] */
  readonly weight: Tensor;
  /** [K] */
  readonly bias: Tensor;
}

/** What the frozen backbone shows at its exits: the class token behind the backbone's final norm, `exit_features`. */
export interface FeatureSplit<Role extends SplitRole> extends Split<Role> {
  /** Of the exits whose heads are trained, first exit first: E − 1 tensors [N, D], without the final exit's. */
  readonly features: readonly Tensor[];
}
