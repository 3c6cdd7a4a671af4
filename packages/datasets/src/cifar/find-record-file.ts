import { stat } from "node:fs/promises";
import { join } from "node:path";
import { attempt, invalidData } from "../files/data-errors.js";
import { inside } from "../files/inside.js";
import type { RecordLayout } from "./record-layout.js";

/** Where a file of a dataset was found. */
export type FoundFile =
  | { readonly kind: "file"; readonly path: string }
  /** Inside the publisher's archive. */
  | { readonly kind: "member"; readonly archive: string; readonly name: string };

/**
 * Looks for a file in a folder, in the folder that the publisher's archive unpacks to, and in the archive itself; `root` may
 * also be the archive.
 */
export async function findRecordFile(root: string, file: string, layout: RecordLayout): Promise<FoundFile> {
  const name = inside(file);
  const facts = await kindOf(root);
  if (facts === "file" && root.endsWith(".tar.gz")) return { kind: "member", archive: root, name };
  if (facts !== "folder") throw missingFolder(root, facts === null ? "nothing there" : "a file", layout);
  for (const path of [join(root, name), join(root, layout.folder, name)]) {
    if ((await kindOf(path)) !== null) return { kind: "file", path };
  }
  const archive = join(root, layout.archive);
  if ((await kindOf(archive)) !== null) return { kind: "member", archive, name };
  // Reading it says what is missing.
  return { kind: "file", path: join(root, name) };
}

async function kindOf(path: string): Promise<"file" | "folder" | null> {
  const facts = await attempt(path, () =>
    stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
      throw error;
    }),
  );
  return facts === null ? null : facts.isDirectory() ? "folder" : "file";
}

function missingFolder(root: string, got: string, { title, archive }: RecordLayout) {
  return invalidData({
    code: "E_DATA_MISSING",
    file: root,
    expected: `a folder with the files of ${title} (binary version), or ${archive}`,
    got,
    hint: "Put them there, or name another data folder",
  });
}
