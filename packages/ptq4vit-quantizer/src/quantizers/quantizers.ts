import { QueeError } from "@quee/core";
import { postGelu } from "./post-gelu-quantizer.js";
import { postSoftmax, postSoftmaxSum } from "./post-softmax-quantizer.js";
import type { Quantizer } from "./quantizer.js";
import { uniform } from "./uniform-quantizer.js";

/** Everything that an encoding can name. */
export const quantizers: readonly Quantizer[] = [uniform, postGelu, postSoftmax, postSoftmaxSum];

const byKind = new Map(quantizers.map((quantizer) => [quantizer.kind, quantizer]));

/** The quantizer that an encoding names. @throws QueeError of kind artifact where there is none */
export function quantizerOf(kind: string): Quantizer {
  const quantizer = byKind.get(kind);
  if (quantizer !== undefined) return quantizer;
  throw new QueeError({
    code: "E_QUANTIZER",
    kind: "artifact",
    where: "encoding",
    expected: `one of ${[...byKind.keys()].join(", ")}`,
    got: `"${kind}"`,
  });
}
