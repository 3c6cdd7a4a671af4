import type { AdaptiveModel } from "@quee/adaptive-classifier";
import { type Content, canonicalJson } from "@quee/artifacts";
import { legalPaths } from "@quee/core";
import { decodeModel } from "@quee/onnx-codec";
import { packedWeightsSchema, packWeights } from "@quee/ptq4vit-quantizer";

/**
 * The weight codes of integer blocks below 8 bits again, b bits each, beside the files that keep them as bytes: what storing or sending a
 * level costs. `unpackWeights` of `@quee/ptq4vit-quantizer` makes bytes of them.
 */
export async function packedBlocks({ gates, block }: AdaptiveModel): Promise<ReadonlyMap<string, Content>> {
  const pairs = new Map(
    legalPaths(gates.space).flatMap((path) =>
      path.map((level, j) => [`${j + 1}@${level}`, { index: j + 1, level }] as const),
    ),
  );
  const files = new Map<string, Content>();
  for (const { index, level } of pairs.values()) {
    if (level >= 8) continue;
    const { weights, bytes } = packWeights(decodeModel(await block(index, level)));
    const name = `packed/block_${String(index).padStart(2, "0")}_w${level}`;
    files.set(`${name}.bin`, bytes);
    const where = packedWeightsSchema.parse(weights);
    files.set(`${name}.json`, `${canonicalJson(where, { mode: "lenient", layout: "lines" })}\n`);
  }
  return files;
}
