import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readJson, sha256 } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import { type PreprocessorConfig, preprocessorConfigSchema } from "@quee/datasets";

export interface ModelFiles {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly preprocessing: PreprocessorConfig;
}

/**
 * Reads `<root>/<name>/model.onnx` and its preprocessing from the first root that has the folder.
 * @param otherwise the preprocessing where no `preprocessor_config.json` lies there
 */
export async function readModelFiles(
  name: string,
  roots: readonly string[],
  otherwise?: PreprocessorConfig,
): Promise<ModelFiles> {
  const folders = roots.map((root) => join(root, name)).filter((candidate) => existsSync(candidate));
  // A folder where a training was stopped has no model yet and hides no other.
  const folder = folders.find((candidate) => existsSync(join(candidate, "model.onnx"))) ?? folders[0];
  if (folder === undefined) {
    const known = roots.filter((root) => existsSync(root)).flatMap((root) => readdirSync(root));
    throw missing(roots.map((root) => join(root, name)).join(" or "), "the folder of the model", known);
  }
  const file = join(folder, "model.onnx");
  const preprocessor = join(folder, "preprocessor_config.json");
  for (const needed of otherwise === undefined ? [file, preprocessor] : [file])
    if (!existsSync(needed)) throw missing(needed, "a file", readdirSync(folder));
  const bytes = new Uint8Array(await readFile(file));
  const preprocessing =
    otherwise !== undefined && !existsSync(preprocessor)
      ? otherwise
      : await readJson(preprocessor, preprocessorConfigSchema, { kind: "input" });
  return { file, bytes, sha256: sha256(bytes), preprocessing };
}

function missing(file: string, expected: string, found: readonly string[]): QueeError {
  return new QueeError({
    code: "E_MODEL_MISSING",
    kind: "input",
    file,
    expected,
    got: found.length === 0 ? "nothing" : `only ${found.join(", ")}`,
    hint: "QUEE_MODELS names the folder of the models",
  });
}
