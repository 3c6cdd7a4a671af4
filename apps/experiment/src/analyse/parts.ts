import type { Path } from "@quee/core";
import type { PathTable } from "@quee/path-tables";
import type { Tables } from "../stages/collect.js";
import { dealt } from "../stages/gate-choices.js";

/** Images by what they may do. Nothing that is fitted sees `choose`, where settings are chosen, or `test`. */
export interface Parts {
  readonly train: PathTable<"train">;
  /** Half of the validation images: clusters, early stopping, and gates that learn on held-out images. */
  readonly fit: PathTable<"validation">;
  /** The other half. */
  readonly choose: PathTable<"validation">;
  readonly test: PathTable<"test">;
}

/**
 * Every seed halves the validation images anew, so that an interval over seeds knows of that choice too.
 * @param paths of all parts; tables may have more
 */
export function partsOf({ train, validation, test }: Tables, paths: readonly Path[], seed: number): Parts {
  const [fit, choose] = dealt({ ...validation, paths }, 1 / 2, seed, "halves of validation images");
  return { train: { ...train, paths }, test: { ...test, paths }, fit, choose };
}
