/**
 * What a set of samples may be used for. The type of a split carries its role, so that test data cannot be passed where
 * training, calibration or a choice on validation data is asked for.
 */
export type SplitRole = "train" | "validation" | "calibration" | "test";

/** Labels of a split. Whatever holds samples (images, features, path tables) extends it. */
export interface Split<Role extends SplitRole> {
  readonly role: Role;
  readonly count: number;
  readonly classCount: number;
  /** [N], each in 0 … classCount − 1 */
  readonly labels: Int32Array;
}
