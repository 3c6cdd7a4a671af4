import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { QueeError } from "@quee/core";
import { type Check, checkInstallation } from "./check-installation.js";
import { diagnoseModel, type Step } from "./diagnose-model.js";
import { showModel } from "./show-model.js";

export interface DoctorRequest {
  /** A .onnx file, or a folder with a model.onnx; undefined: check the installation. */
  readonly model?: string;
  /** null: propose some. */
  readonly exits: readonly number[] | null;
  readonly isJson: boolean;
}

/** Says whether QuEE can work here, or what it finds in a network. */
export async function doctor({ model, exits, isJson }: DoctorRequest): Promise<void> {
  if (model === undefined) return showInstallation(isJson);
  const file = fileOf(model);
  const bytes = new Uint8Array(await readFile(file));
  const begun: Step[] = [];
  try {
    const diagnosis = diagnoseModel(bytes, exits, (step) => begun.push(step));
    console.log(isJson ? JSON.stringify({ file, ...diagnosis }, null, 2) : showModel(file, diagnosis, exits === null));
  } catch (error) {
    if (!isJson)
      console.log(begun.map((step, i) => `${i + 1 < begun.length ? "✓" : "✗"} ${sentences[step]}`).join("\n"));
    throw error instanceof QueeError ? inFile(error, file) : error;
  }
}

const sentences: { readonly [S in Step]: string } = {
  read: "the file is an ONNX model",
  check: "its graph is whole, its weights are finite",
  clean: "it can be cleaned",
  recognise: "it is a vision transformer as known here",
  cut: "it can be cut behind the exits",
};

function fileOf(model: string): string {
  const file = existsSync(model) && statSync(model).isDirectory() ? join(model, "model.onnx") : model;
  if (existsSync(file)) return file;
  throw new QueeError({ code: "E_MODEL_MISSING", kind: "input", file, expected: "an ONNX file", got: "nothing" });
}

/** The same facts, with the file that they are about. */
function inFile(error: QueeError, file: string): QueeError {
  const { code, kind, where, expected, got, hint } = error;
  const place = where === undefined ? {} : { where };
  return new QueeError({
    code,
    kind,
    file,
    ...place,
    expected,
    got,
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}

const marks: { readonly [State in Check["state"]]: string } = { good: "✓", note: "·", bad: "✗" };

async function showInstallation(isJson: boolean): Promise<void> {
  const checks = await checkInstallation();
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, state, found, hint }) => {
    const advice = hint === undefined ? "" : ` (${hint})`;
    return `${marks[state]} ${name.padEnd(width)}  ${found}${advice}`;
  });
  console.log(isJson ? JSON.stringify({ checks }, null, 2) : lines.join("\n"));
  const bad = checks.filter(({ state }) => state === "bad");
  if (bad.length === 0) return;
  throw new QueeError({
    code: "E_INSTALLATION",
    kind: "environment",
    where: bad.map(({ name }) => name).join(", "),
    expected: "a complete installation",
    got: bad.map(({ found, hint }) => hint ?? found).join("; "),
  });
}
