import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** Environment variables that name the folders of development files. */
type Root = "QUEE_DATA" | "QUEE_MODELS" | "QUEE_REFERENCE";

/**
 * The path of a file or folder that only developers have (a trained backbone, data sets, golden vectors), or null where it
 * is absent; a test then skips itself: `test.skipIf(path === null)`.
 */
export function developmentFiles(root: Root, ...inside: readonly string[]): string | null {
  const folder = process.env[root];
  if (folder === undefined || folder === "") return null;
  const path = resolve(folder, ...inside);
  return existsSync(path) ? path : null;
}
