import { join } from "node:path";
import { sha256 } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import type { PreprocessorConfig } from "@quee/datasets";
import { checkFinite, decodeModel, encodeModel } from "@quee/onnx-codec";
import { cleanGraph, verifyGraph } from "@quee/onnx-graph";
import { withoutPreprocessing } from "../backbone/backbone-files.js";
import { modelRoots, modelsRoot } from "../backbone/models-root.js";
import { namingFile } from "../backbone/naming-file.js";
import { networkOfWeights } from "../backbone/network-of-weights.js";
import { preparedShape } from "../backbone/prepared-shape.js";
import type { FinetunePlan } from "../config/backbone-schema.js";
import type { ConfigFile } from "../config/schema.js";
import type { Dataset } from "../stages/dataset.js";
import { readModelFiles } from "../stages/model-files.js";
import { type HeadlessNetwork, withoutHead } from "./whole-network.js";

/** The network that a fine-tuning begins with. */
export interface Origin {
  readonly file: string;
  /** Of the model, whichever way it came. */
  readonly sha256: string;
  readonly network: HeadlessNetwork;
  readonly preprocessing: PreprocessorConfig;
}

/** That of the folder `finetune.from`, or of the checkpoint `backbone.weights`. */
export async function originOf(config: ConfigFile, plan: FinetunePlan, dataset: Dataset): Promise<Origin> {
  const { weights, preprocessing } = config.backbone;
  if (plan.from !== undefined) return checked(await fromFolder(plan.from, preprocessing), dataset);
  if (weights === undefined) {
    throw new QueeError({
      code: "E_NO_ORIGIN",
      kind: "config",
      where: "finetune.from",
      expected: "the folder of a model, or a checkpoint as backbone.weights",
      got: "neither",
    });
  }
  if (preprocessing === undefined) throw withoutPreprocessing(weights);
  const [, imageSize] = await preparedShape(dataset, preprocessing);
  const graph = await networkOfWeights(modelsRoot(), weights, {
    imageSize,
    freshHead: { classCount: dataset.train.classCount, seed: config.seed },
  });
  const network = withoutHead(cleanGraph(graph));
  // What counts is the network without its head: that of a checkpoint may be a fresh one.
  const digest = sha256(encodeModel(network.block.graph));
  return { file: join(modelsRoot(), weights), sha256: digest, network, preprocessing };
}

async function fromFolder(name: string, preprocessing: PreprocessorConfig | undefined): Promise<Origin> {
  const files = await readModelFiles(name, modelRoots(), preprocessing);
  const raw = decodeModel(files.bytes, { file: files.file });
  checkFinite(raw);
  verifyGraph(raw);
  const network = namingFile(files.file, () => withoutHead(cleanGraph(raw)));
  return { file: files.file, sha256: files.sha256, network, preprocessing: preprocessing ?? files.preprocessing };
}

/** An exported network takes images of one size. */
async function checked(origin: Origin, dataset: Dataset): Promise<Origin> {
  const [, height, width] = origin.network.anatomy.imageShape;
  const [, preparedHeight, preparedWidth] = await preparedShape(dataset, origin.preprocessing);
  if (height === preparedHeight && width === preparedWidth) return origin;
  throw new QueeError({
    code: "E_IMAGE_SIZE",
    kind: "input",
    file: origin.file,
    where: "image size",
    expected: `${preparedHeight}×${preparedWidth}, as images are prepared`,
    got: `${height}×${width}`,
    hint: "Export the network for that size, or begin with a checkpoint (backbone.weights), which fits any",
  });
}
