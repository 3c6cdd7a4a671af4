import { type RecordFile, recordFileSchema } from "@quee/datasets";
import { z } from "zod";

const count = z.int().min(1).max(10_000_000);
const seed = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

/** Names of datasets, for messages. */
export const datasetNames = ["synthetic-digits", "cifar10", "cifar100", "svhn", "imagenet", "images"] as const;

const folderName = z.string().min(1);

/** Training images drawn by a seed and kept back, as in section 7.1.3 of the paper. */
const keptBack = z.strictObject({ fromTrain: count, seed: seed.default(0) });

const drawnSplit = z.strictObject({ count });
const syntheticDigits = z.strictObject({
  name: z.literal("synthetic-digits"),
  seed: seed.default(0),
  train: drawnSplit,
  validation: drawnSplit,
  test: z.strictObject({ count: count.min(10) }),
});

const fileSplit = z.strictObject({ files: z.array(recordFileSchema).min(1) });

/** Files of fixed-size records (CIFAR) or of numbered images (SVHN), and ranges of them. */
function recordDataset<Name extends string>(name: Name) {
  const validation = z.union([fileSplit, keptBack], { error: "files, or fromTrain (how many training images)" });
  return z
    .strictObject({
      name: z.literal(name),
      /** Folder under the data root. Default: the name. */
      root: folderName.optional(),
      train: fileSplit,
      validation,
      test: fileSplit,
    })
    .superRefine((dataset, context) => {
      const splits = Object.entries({ train: dataset.train, validation: dataset.validation, test: dataset.test });
      const files = splits.flatMap(([role, split]) => ("files" in split ? [[role, split.files] as const] : []));
      for (const [i, [role, one]] of files.entries()) {
        for (const [other, another] of files.slice(i + 1)) {
          if (!one.some((a) => another.some((b) => overlap(a, b)))) continue;
          const message = `records that ${role} does not have (what is trained or chosen on is not tested on)`;
          context.addIssue({ code: "custom", path: [other, "files"], message });
        }
      }
    });
}

/** True where two ranges share a record of a file. */
function overlap(a: RecordFile, b: RecordFile): boolean {
  const end = ({ from = 0, count: records = Number.POSITIVE_INFINITY }: RecordFile) => from + records;
  return a.file === b.file && (a.from ?? 0) < end(b) && (b.from ?? 0) < end(a);
}

/** A folder of class folders; `images` draws that many of it. */
const imageSplit = z.strictObject({
  folder: z.string().min(1),
  images: count.optional(),
  seed: seed.default(0),
});

/** @param orientation  what published accuracies of the dataset assume */
function imageDataset<Name extends string, Root extends z.ZodType<string>>(
  name: Name,
  root: Root,
  orientation: "exif" | "stored",
) {
  const validation = z.union([imageSplit, keptBack], { error: "folder, or fromTrain (how many training images)" });
  return z
    .strictObject({
      name: z.literal(name),
      /** Folder under the data root. */
      root,
      /** Whether photographs are turned as their EXIF data say. torchvision and timm do not. */
      orientation: z.enum(["exif", "stored"]).default(orientation),
      train: imageSplit,
      validation,
      test: imageSplit,
    })
    .superRefine(({ train, validation: chosenOn, test }, context) => {
      const folders = ["folder" in chosenOn ? chosenOn.folder : train.folder, train.folder];
      const isShared = "folder" in chosenOn && chosenOn.folder === train.folder;
      const message = "a folder of its own (what is trained or chosen on is not tested on)";
      if (isShared) context.addIssue({ code: "custom", path: ["validation", "folder"], message });
      if (folders.includes(test.folder)) context.addIssue({ code: "custom", path: ["test", "folder"], message });
    });
}

/** Where the images of a run come from, and which of them are for what. */
export const datasetSchema = z.discriminatedUnion("name", [
  syntheticDigits,
  recordDataset("cifar10"),
  recordDataset("cifar100"),
  recordDataset("svhn"),
  imageDataset("imagenet", folderName.default("imagenet"), "stored"),
  imageDataset("images", folderName, "exif"),
]);

export type DatasetConfig = z.infer<typeof datasetSchema>;
