import type { GateView } from "@quee/core";
import { type Tensor, tensor } from "@quee/tensor";

/** p̂ of the exit that the images of a view stand at, [n, K]. */
export function newest({ history, count, classCount }: GateView): Tensor {
  return tensor([count, classCount], history.at(-1) ?? new Float32Array(0));
}
