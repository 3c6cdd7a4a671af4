import { type Command, InvalidArgumentError, Option } from "commander";
import { type ScaleRequest, scale } from "../../scale/scale.js";
import { defaultThreads, parseThreads, wholeNumber } from "../options.js";

type ScaleOptions = Omit<ScaleRequest, "isJson" | "signal"> & { readonly json?: boolean };

export function addScale(program: Command, signal: AbortSignal): void {
  program
    .command("scale")
    .description("what path tables at the size of ImageNet take of this machine: time, disk, memory")
    .addOption(numberOption("--images <n>", "images to time per network, 0 for none", 16, 0, 100_000))
    .addOption(
      new Option("--tables <sizes>", "images of tables to write, read and remove, e.g. 2000,8000; 0 for none")
        .default([2_000, 8_000], "2000,8000")
        .argParser(parseSizes),
    )
    .addOption(
      new Option("--elements <type>", "how those tables keep probabilities")
        .choices(["float32", "float16"])
        .default("float16"),
    )
    .option("--rounding <folder>", "say what float16 changes for the tables of a collect stage of a run's cache")
    .addOption(
      new Option("--threads <n>", "workers of one thread each").default(defaultThreads()).argParser(parseThreads),
    )
    .addOption(numberOption("--batch-size <n>", "images per batch", 8, 1, 1_024))
    .addOption(
      new Option("--arithmetic <kind>", "how quantized blocks compute")
        .choices(["fake-quant", "integer"])
        .default("fake-quant"),
    )
    .addOption(numberOption("--measure-tables <n>", "", undefined, 1, 10_000_000).hideHelp())
    .option("--json", "the result as JSON on standard output, errors as JSON")
    .action(({ json, ...options }: ScaleOptions) => scale({ ...options, isJson: json === true, signal }));
}

function numberOption(flags: string, words: string, preset: number | undefined, least: number, most: number): Option {
  return new Option(flags, words).default(preset).argParser((text) => wholeNumber(text, least, most));
}

function parseSizes(text: string): readonly number[] {
  if (!/^\d+(,\d+)*$/.test(text)) throw new InvalidArgumentError("expected whole numbers such as 2000,8000.");
  return text
    .split(",")
    .map((part) => wholeNumber(part, 0, 10_000_000))
    .filter((images) => images > 0);
}
