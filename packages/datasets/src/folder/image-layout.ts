import { join } from "node:path";
import { invalidData } from "../files/data-errors.js";
import type { Orientation } from "../images/decode-image.js";
import type { DataPart, Layout } from "./data-folder.js";
import { listFolder } from "./list-images.js";
import { readImageFolder } from "./read-image-folder.js";

const partNames: readonly (readonly [DataPart, RegExp])[] = [
  ["train", /^train(ing)?$/i],
  ["validation", /^val(id|idation)?$/i],
  ["test", /^test(ing)?$/i],
];

/** Where the images are in the folder that Kaggle's archive of ImageNet unpacks to. */
const kaggleFolder = "ILSVRC/Data/CLS-LOC";

/** Class folders or plain images, under folders of parts or not. */
export async function openImages(root: string, orientation: Orientation): Promise<Layout | null> {
  const top = await listFolder(root);
  const above = top.folders.includes("ILSVRC") ? kaggleFolder : ".";
  const { folders, images } = above === "." ? top : await listFolder(join(root, above));
  const named = new Map<DataPart, string>();
  for (const [part, pattern] of partNames) {
    const folder = folders.find((name) => pattern.test(name));
    if (folder !== undefined) named.set(part, folder);
  }
  // A class may be called "train"; that all folders, or two of them, are called like parts is no chance.
  const hasParts = named.size > 0 && (named.size === folders.length || (named.has("train") && named.size > 1));
  if (!hasParts && folders.length === 0 && images.length === 0) return null;
  const train = named.get("train");
  return {
    layout: "images",
    parts: hasParts ? [...named.keys()] : ["all"],
    async readFile({ file, from, count }, role) {
      if (from === undefined && count === undefined) return readImageFolder({ root, folder: file, role, orientation });
      throw invalidData({
        code: "E_DATA_RANGE",
        file: join(root, file),
        where: "range of records",
        expected: "a folder of images, without a range",
        got: JSON.stringify({ from, count }),
      });
    },
    async read(part, role) {
      const folder = join(above, hasParts ? (named.get(part) ?? ".") : ".");
      const classes =
        hasParts && part !== "train" && train !== undefined ? await listFolder(join(root, above, train)) : null;
      const classNames = classes !== null && classes.folders.length > 0 ? classes.folders : undefined;
      return readImageFolder({ root, folder, role, orientation, ...(classNames && { classNames }) });
    },
  };
}
