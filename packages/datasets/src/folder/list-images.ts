import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { attempt } from "../files/data-errors.js";
import { sortedByCodePoint } from "./code-points.js";

/** Names that images have; what they really hold is seen when they are decoded. */
const imageName = /\.(jpe?g|png|webp)$/i;

/** Folders and image files right in a folder, each sorted by code points; hidden entries are passed over, links followed. */
export async function listFolder(folder: string): Promise<{ readonly folders: string[]; readonly images: string[] }> {
  const entries = await attempt(folder, () => readdir(folder, { withFileTypes: true }));
  const folders: string[] = [];
  const images: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    if (await isFolder(folder, entry)) folders.push(entry.name);
    else if (imageName.test(entry.name)) images.push(entry.name);
  }
  return { folders: sortedByCodePoint(folders), images: sortedByCodePoint(images) };
}

/**
 * Image files anywhere under a folder, as paths relative to it, sorted as each folder is. Links to folders are not followed:
 * they may lead back.
 */
export async function imagesUnder(folder: string, inside = ""): Promise<string[]> {
  const entries = await attempt(join(folder, inside), () => readdir(join(folder, inside), { withFileTypes: true }));
  const found: string[] = [];
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  for (const name of sortedByCodePoint([...byName.keys()])) {
    if (name.startsWith(".")) continue;
    if (byName.get(name)?.isDirectory()) found.push(...(await imagesUnder(folder, join(inside, name))));
    else if (imageName.test(name)) found.push(join(inside, name));
  }
  return found;
}

async function isFolder(parent: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  // A dangling link is no folder; as an image it is refused when it is opened.
  return stat(join(parent, entry.name)).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}
