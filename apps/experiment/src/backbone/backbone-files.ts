import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { sha256, writeFileAtomically } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import type { PreprocessorConfig } from "@quee/datasets";
import { encodeModel } from "@quee/onnx-codec";
import type { ConfigFile } from "../config/schema.js";
import type { Dataset } from "../stages/dataset.js";
import { type ModelFiles, readModelFiles } from "../stages/model-files.js";
import { networkOfWeights } from "./network-of-weights.js";
import { preparedShape } from "./prepared-shape.js";
import { writeJson } from "./write-backbone.js";

/**
 * The model of a run: that of its folder or, where the folder has none, one made of `backbone.weights` for images as the config
 * prepares them. It is put into the folder of the first root, but for a dry run, which writes nothing.
 */
export async function backboneFiles(
  { model, weights, preprocessing }: ConfigFile["backbone"],
  dataset: Dataset,
  roots: readonly string[],
  isDryRun: boolean,
): Promise<ModelFiles> {
  const hasModel = roots.some((root) => existsSync(join(root, model, "model.onnx")));
  const [root] = roots;
  if (hasModel || weights === undefined || root === undefined) return readModelFiles(model, roots, preprocessing);
  if (preprocessing === undefined) throw withoutPreprocessing(weights);
  const bytes = await modelOf(weights, root, dataset, preprocessing);
  const file = join(root, model, "model.onnx");
  if (isDryRun) return { file, bytes, sha256: sha256(bytes), preprocessing };
  await mkdir(join(root, model), { recursive: true });
  await writeJson(join(root, model, "preprocessor_config.json"), preprocessing);
  await writeFileAtomically(file, bytes);
  return readModelFiles(model, roots, preprocessing);
}

async function modelOf(weights: string, root: string, dataset: Dataset, preprocessing: PreprocessorConfig) {
  const [, imageSize] = await preparedShape(dataset, preprocessing);
  const graph = await networkOfWeights(root, weights, { imageSize });
  const classCount = graph.outputs[0]?.shape?.at(-1);
  if (classCount === dataset.train.classCount) return encodeModel(graph);
  throw new QueeError({
    code: "E_CLASSES",
    kind: "input",
    file: join(root, weights),
    where: "head",
    expected: `${dataset.train.classCount} classes, as ${dataset.name} has`,
    got: String(classCount),
    hint: "`quee finetune` gives a network another head",
  });
}

/** A checkpoint does not say what its network was trained to see. */
export function withoutPreprocessing(weights: string): QueeError {
  return new QueeError({
    code: "E_NO_PREPROCESSING",
    kind: "config",
    where: "backbone.preprocessing",
    expected: `how images are prepared for ${weights}`,
    got: "nothing",
  });
}
