import { isAbsolute, normalize, sep } from "node:path";
import { QueeError } from "@quee/core";

/** Where links lead is the owner's business; what a config names must lie under the data folder. @returns `file`, normalised */
export function inside(file: string): string {
  const path = normalize(file);
  const leaves = isAbsolute(path) || path === ".." || path.startsWith(`..${sep}`) || path.includes("\0");
  if (!leaves) return path;
  throw new QueeError({
    code: "E_DATA_PATH",
    kind: "config",
    where: "files",
    expected: "a path inside the folder of the dataset",
    got: JSON.stringify(file),
  });
}
