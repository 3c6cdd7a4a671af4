import { join } from "node:path";
import { sha256 } from "@quee/artifacts";
import type { SplitRole } from "@quee/core";
import { type ImageSplit, readCifar10, syntheticDigits, syntheticDigitsVersion } from "@quee/datasets";
import type { Config } from "../config/schema.js";

export interface DatasetSplits {
  readonly train: ImageSplit<"train">;
  readonly validation: ImageSplit<"validation">;
  readonly test: ImageSplit<"test">;
}

export interface Dataset extends DatasetSplits {
  readonly name: string;
  /** Stands for the bytes of a split in the keys of stages. */
  digest(role: keyof DatasetSplits): string;
}

/** Opens the splits of a config; files are read and checked now. */
export async function openDataset(config: Config["dataset"], dataRoot: string): Promise<Dataset> {
  switch (config.name) {
    case "synthetic-digits": {
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
    case "cifar10": {
      const split = <Role extends keyof DatasetSplits>(role: Role) =>
        readCifar10({ root: join(dataRoot, "cifar10"), files: config[role].files, role });
      const splits = { train: await split("train"), validation: await split("validation"), test: await split("test") };
      return { name: config.name, ...splits, digest: (role) => digestOf(splits[role]) };
    }
  }
}

function digestOf(split: ImageSplit<SplitRole>): string {
  const [channels, height, width] = split.imageShape;
  const size = channels * height * width;
  const all = new Uint8Array(split.count * (size + 1));
  for (let i = 0; i < split.count; i++) {
    all[i * (size + 1)] = split.labels[i] ?? 0;
    all.set(split.image(i), i * (size + 1) + 1);
  }
  return sha256(all);
}
