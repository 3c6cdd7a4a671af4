import { join } from "node:path";
import { readFileChecked } from "@quee/artifacts";
import type { Graph } from "@quee/onnx-graph";
import { fromStateDict, readSafetensors, type StateDictOptions } from "@quee/vit-architectures";
import { namingFile } from "./naming-file.js";

/** A checkpoint of 2 GiB has half a billion weights; the bytes of a graph end there too. */
const largestCheckpointBytes = 2 ** 31;

/**
 * The network of a `.safetensors` checkpoint, as an ONNX graph. What it is (ViT, DINOv2, T2T-ViT; depth, widths) is read off its tensors.
 * @param weights relative to `root`
 */
export async function networkOfWeights(root: string, weights: string, options: StateDictOptions): Promise<Graph> {
  const file = join(root, weights);
  const bytes = await readFileChecked(file, {
    ...{ kind: "input", maxBytes: largestCheckpointBytes },
    hint: "docs/bring-your-own-model.md says where checkpoints come from; QUEE_MODELS names their folder",
  });
  return namingFile(file, () => fromStateDict(readSafetensors(bytes), options));
}
