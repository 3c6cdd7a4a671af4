import { join, resolve } from "node:path";
import { modelsFolder } from "../bundled.js";

/** Where models lie that are the user's own. */
export function modelsRoot(): string {
  return resolve(process.env["QUEE_MODELS"] ?? "models");
}

/** Folders that may hold a model, in the order in which they are looked through. */
export function modelRoots(): readonly string[] {
  return [modelsRoot(), modelsFolder];
}

/** The folder that a new model goes to. @param out what the user asked for */
export function newModelFolder(name: string, out: string | undefined): string {
  return out === undefined ? join(modelsRoot(), name) : resolve(out);
}
