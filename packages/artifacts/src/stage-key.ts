import { QueeError, show } from "@quee/core";
import { canonicalJson } from "./canonical-json.js";
import { sha256 } from "./sha256.js";

/** Names one result of one stage: everything that its bytes depend on, hashed. */
export interface StageKey {
  readonly stage: string;
  /** 64 hexadecimal digits. */
  readonly hash: string;
}

export interface StageIdentity {
  /** Lower-case words joined by dashes, e.g. `train-heads`. */
  readonly stage: string;
  /** Version of the code and format of the stage; a new one makes every old result invisible. */
  readonly version: number;
  /** What the result depends on: slices of the config, seeds, fingerprints of earlier stages, hashes of data files. */
  readonly inputs: unknown;
}

/**
 * The key of a stage: SHA-256 of canonical JSON, so the order of fields does not matter and every value does.
 * @throws QueeError where a value has no exact JSON form (undefined, NaN, −0, a class instance)
 */
export function stageKey({ stage, version, inputs }: StageIdentity): StageKey {
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(stage)) {
    throw new QueeError({
      code: "E_STAGE_NAME",
      kind: "internal",
      where: "stage",
      expected: "lower-case words joined by dashes",
      got: show(stage),
    });
  }
  return { stage, hash: sha256(canonicalJson({ stage, version, inputs })) };
}
