import { join } from "node:path";
import {
  type AnyImageSplit,
  drawSubset,
  readCifar10,
  readCifar100,
  readImageFolder,
  readSvhn,
  reserveValidation,
  syntheticDigits,
  syntheticDigitsVersion,
} from "@quee/datasets";
import type { DatasetConfig } from "../config/dataset-schema.js";
import { digestOf, digestOfFiles } from "../data/digests.js";

export { digestOf } from "../data/digests.js";

export interface DatasetSplits {
  readonly train: AnyImageSplit<"train">;
  readonly validation: AnyImageSplit<"validation">;
  readonly test: AnyImageSplit<"test">;
}

export interface Dataset extends DatasetSplits {
  readonly name: string;
  /** Stands for the bytes of a split in the keys of stages. */
  digest(role: keyof DatasetSplits): string;
}

/** Opens the splits of a config. Files of records are read and checked now; image files are listed, and decoded when needed. */
export async function openDataset(config: DatasetConfig, dataRoot: string): Promise<Dataset> {
  if (config.name === "synthetic-digits") return openSyntheticDigits(config);
  const splits = await (config.name === "imagenet" || config.name === "images"
    ? openImages(config, dataRoot)
    : openRecords(config, dataRoot));
  return { name: config.name, ...splits, digest: await digestsOf(splits) };
}

type ConfigOf<Name extends DatasetConfig["name"]> = Extract<DatasetConfig, { readonly name: Name }>;

function openSyntheticDigits(config: ConfigOf<"synthetic-digits">): Dataset {
  const split = <Role extends keyof DatasetSplits>(role: Role) =>
    syntheticDigits({ seed: config.seed, role, count: config[role].count });
  return {
    name: config.name,
    train: split("train"),
    validation: split("validation"),
    test: split("test"),
    // The generator is part of the program: its version and arguments say all.
    digest: (role) => `${config.name} v${syntheticDigitsVersion} ${config.seed} ${role} ${config[role].count}`,
  };
}

const recordReaders = { cifar10: readCifar10, cifar100: readCifar100, svhn: readSvhn } as const;

async function openRecords(
  config: ConfigOf<"cifar10" | "cifar100" | "svhn">,
  dataRoot: string,
): Promise<DatasetSplits> {
  const read = recordReaders[config.name];
  const root = join(dataRoot, config.root ?? config.name);
  const all = await read({ root, files: config.train.files, role: "train" });
  const { validation } = config;
  const kept =
    "fromTrain" in validation
      ? reserveValidation(all, validation.fromTrain, validation.seed)
      : { train: all, validation: await read({ root, files: validation.files, role: "validation" }) };
  return { ...kept, test: await read({ root, files: config.test.files, role: "test" }) };
}

async function openImages(config: ConfigOf<"imagenet" | "images">, dataRoot: string): Promise<DatasetSplits> {
  const { train, validation, test, orientation } = config;
  const options = { root: join(dataRoot, config.root), orientation };
  const all = await readImageFolder({ ...options, folder: train.folder, role: "train" });
  const { classNames } = all;
  const kept =
    "fromTrain" in validation
      ? reserveValidation(all, validation.fromTrain, validation.seed)
      : {
          train: all,
          validation: drawSubset(
            await readImageFolder({ ...options, folder: validation.folder, role: "validation", classNames }),
            validation.images,
            validation.seed,
          ),
        };
  return {
    validation: kept.validation,
    train: drawSubset(kept.train, train.images, train.seed),
    test: drawSubset(
      await readImageFolder({ ...options, folder: test.folder, role: "test", classNames }),
      test.images,
      test.seed,
    ),
  };
}

/** Files may change while a run goes on: what they were when they were opened counts. */
async function digestsOf(splits: DatasetSplits): Promise<Dataset["digest"]> {
  const digests = new Map<keyof DatasetSplits, string>();
  for (const role of ["train", "validation", "test"] as const) {
    const split: AnyImageSplit<keyof DatasetSplits> = splits[role];
    digests.set(role, "decode" in split ? await digestOfFiles(split) : digestOf(split));
  }
  return (role) => digests.get(role) ?? "";
}
