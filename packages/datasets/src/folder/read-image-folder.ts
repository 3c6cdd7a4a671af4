import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SplitRole } from "@quee/core";
import { attempt, invalidData } from "../files/data-errors.js";
import { inside } from "../files/inside.js";
import type { ImageFileSplit } from "../image-split.js";
import { decodeImageFile, type Orientation } from "../images/decode-image.js";
import { classesOf, flatLabels } from "./flat-labels.js";
import { imagesUnder, listFolder } from "./list-images.js";

export interface ImageFolderOptions<Role extends SplitRole> {
  /** Folder of the dataset. */
  readonly root: string;
  /** The folder in it whose folders are the classes, e.g. `train`. Default: `root` itself. */
  readonly folder?: string;
  readonly role: Role;
  /** The classes that must be there, in the order of their labels. Default: the names of the folders, sorted by code points. */
  readonly classNames?: readonly string[];
  /** Default `exif`. */
  readonly orientation?: Orientation;
}

/** Files of labelled images, and what their labels mean. */
interface Listing {
  readonly classNames: readonly string[];
  /** Relative to the folder. */
  readonly files: readonly string[];
  readonly labels: Int32Array;
}

/**
 * Opens images as torchvision's `ImageFolder` and ImageNet have them: a folder for each class, its images anywhere inside.
 * Nothing is decoded yet. ImageNet's validation images may also lie in one folder, with labels as `flatLabels` finds them;
 * images without any labels get −1, and the split no classes.
 */
export async function readImageFolder<Role extends SplitRole>({
  root,
  folder = ".",
  role,
  classNames,
  orientation = "exif",
}: ImageFolderOptions<Role>): Promise<ImageFileSplit<Role>> {
  const path = join(root, inside(folder));
  const { folders, images } = await listFolder(await existingFolder(path));
  const listing =
    folders.length > 0 ? await listClasses(path, folders) : await listFlat(path, root, images, classNames ?? null);
  if (listing.files.length === 0) {
    throw invalidData({
      code: "E_DATA_EMPTY",
      file: path,
      expected: "images (.jpg, .jpeg, .png, .webp), or folders of them that are the classes",
      got: "neither",
    });
  }
  if (classNames !== undefined && listing.classNames.length > 0) checkSameClasses(path, listing.classNames, classNames);
  const file = (i: number) => join(path, listing.files[i]);
  return {
    name: `${path} ${role}`,
    role,
    count: listing.files.length,
    classCount: listing.classNames.length,
    classNames: listing.classNames,
    labels: listing.labels,
    file,
    decode: (i) => decodeImageFile(file(i), { orientation }),
  };
}

async function existingFolder(path: string): Promise<string> {
  const facts = await attempt(path, () => stat(path));
  if (facts.isDirectory()) return path;
  throw invalidData({ code: "E_DATA_FORMAT", file: path, expected: "a folder of images", got: "a file" });
}

async function listClasses(path: string, folders: readonly string[]): Promise<Listing> {
  const files: string[] = [];
  const labels: number[] = [];
  for (const [label, name] of folders.entries()) {
    const images = await imagesUnder(join(path, name));
    if (images.length === 0) {
      throw invalidData({
        code: "E_DATA_EMPTY",
        file: join(path, name),
        expected: "images of this class (.jpg, .jpeg, .png, .webp)",
        got: "none",
        hint: "Every folder is a class; take out what is none",
      });
    }
    for (const image of images) {
      files.push(join(name, image));
      labels.push(label);
    }
  }
  return { classNames: folders, files, labels: Int32Array.from(labels) };
}

async function listFlat(
  path: string,
  root: string,
  images: readonly string[],
  known: readonly string[] | null,
): Promise<Listing> {
  const found = await flatLabels(images, [path, dirname(path), root], known);
  if (found === null) return { classNames: [], files: images, labels: new Int32Array(images.length).fill(-1) };
  const classNames = known ?? classesOf(found);
  const labelOf = new Map(classNames.map((name, label) => [name, label]));
  const labels = Int32Array.from(images, (image) => {
    const label = labelOf.get(found.get(image) ?? "");
    if (label !== undefined) return label;
    throw invalidData({
      code: "E_DATA_LABEL",
      file: join(path, image),
      expected: "a label of one of the known classes",
      got: found.get(image) ?? "none",
    });
  });
  return { classNames, files: images, labels };
}

function checkSameClasses(path: string, found: readonly string[], expected: readonly string[]): void {
  const missing = expected.filter((name) => !found.includes(name));
  const extra = found.filter((name) => !expected.includes(name));
  if (missing.length === 0 && extra.length === 0) return;
  const some = (names: readonly string[]) => names.slice(0, 3).join(", ") + (names.length > 3 ? ", …" : "");
  throw invalidData({
    code: "E_DATA_CLASSES",
    file: path,
    expected: `the ${expected.length} classes of the training images`,
    got: [
      missing.length > 0 ? `${missing.length} missing (${some(missing)})` : "",
      extra.length > 0 ? `${extra.length} others (${some(extra)})` : "",
    ]
      .filter((text) => text !== "")
      .join(" and "),
  });
}
