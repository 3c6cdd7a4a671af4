import type { Command } from "commander";
import { type DataRequest, showData } from "../../data/show-data.js";

export function addData(program: Command, signal: AbortSignal): void {
  program
    .command("data")
    .description("check the files of a dataset against its publisher's sizes and checksums, or fetch them")
    .argument("<name>", "synthetic-digits, cifar10, cifar100, svhn or imagenet")
    .option("--root <dir>", "the data root, which holds one folder per dataset; without it QUEE_DATA, or ./data")
    .option("--download", "fetch what is missing from the publisher; what has come already is kept and gone on with")
    .option("--mirror <url>", "fetch from this address instead; sizes and checksums stay the publisher's")
    .option("--json", "the result as JSON on standard output, errors as JSON")
    .action((name: string, options: Omit<DataRequest, "name" | "signal">) => showData({ ...options, name, signal }));
}
