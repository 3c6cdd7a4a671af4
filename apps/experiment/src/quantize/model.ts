import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { readJson, sha256 } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import { type PreprocessorConfig, preprocessorConfigSchema } from "@quee/datasets";
import { checkFinite, decodeModel } from "@quee/onnx-codec";
import { verifyGraph } from "@quee/onnx-graph";
import { type CalibratedBlock, wholeNetwork } from "@quee/ptq4vit-quantizer";
import { analyzeVit, type VitAnatomy } from "@quee/vit-blocks";

const preprocessorName = "preprocessor_config.json";

/** An exported ViT that can be quantized, and how its images are prepared. */
export interface Model {
  readonly file: string;
  /** That of its folder where the file is called `model.onnx`. */
  readonly name: string;
  readonly sha256: string;
  readonly network: CalibratedBlock;
  readonly anatomy: VitAnatomy;
  readonly preprocessing: PreprocessorConfig;
}

/** Reads a model and checks all that can be known before images go through it. */
export async function readModel(file: string, preprocessingFile: string | undefined): Promise<Model> {
  if (!existsSync(file)) throw missing(file, "an ONNX model");
  if (statSync(file).isDirectory()) throw isFolder(file);
  const preprocessing = preprocessingFile ?? join(dirname(file), preprocessorName);
  if (!existsSync(preprocessing)) {
    throw missing(preprocessing, "how images are prepared for the model", "Name it with --preprocessing FILE");
  }
  const bytes = new Uint8Array(await readFile(file));
  const raw = decodeModel(bytes, { file });
  checkFinite(raw, { file });
  verifyGraph(raw);
  const network = wholeNetwork(raw);
  return {
    ...{ file, name: nameOf(file), sha256: sha256(bytes), network },
    anatomy: analyzeVit(network.graph),
    preprocessing: await readJson(preprocessing, preprocessorConfigSchema, { kind: "input" }),
  };
}

function nameOf(file: string): string {
  const name = basename(file).replace(/\.onnx$/, "");
  return name === "model" ? basename(dirname(resolve(file))) : name;
}

function isFolder(file: string): QueeError {
  const inside = join(file, "model.onnx");
  return new QueeError({
    ...{ code: "E_MODEL_FOLDER", kind: "input", file, expected: "an .onnx file", got: "a folder" },
    ...(existsSync(inside) ? { hint: `Name ${inside}` } : {}),
  });
}

function missing(file: string, expected: string, hint?: string): QueeError {
  return new QueeError({
    ...{ code: "E_MODEL_MISSING", kind: "input", file, expected, got: "nothing" },
    ...(hint === undefined ? {} : { hint }),
  });
}
