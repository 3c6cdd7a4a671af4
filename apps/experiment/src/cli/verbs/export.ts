import { type Bits, bits } from "@quee/core";
import { type Command, InvalidArgumentError, Option } from "commander";
import { exportRun } from "../../export/export-run.js";
import { defaultThreads, parseThreads, wholeNumber } from "../options.js";

interface ExportOptions {
  readonly out: string;
  readonly arithmetic: "integer" | "fake-quant";
  readonly latency?: string;
  readonly latencyBatch: number;
  readonly levels?: readonly Bits[];
  readonly threads: number;
  readonly packed?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addExport(program: Command, signal: AbortSignal): void {
  program
    .command("export")
    .description("write a finished run as a model directory: everything that classifying needs, in one folder")
    .argument("<run>", "the directory of a finished run")
    .requiredOption("--out <dir>", "a new or empty directory")
    .addOption(
      new Option("--arithmetic <kind>", "how blocks compute").choices(["integer", "fake-quant"]).default("integer"),
    )
    .option("--latency <file>", "a table of `quee bench --calibrate`, to route by time as well")
    .addOption(
      new Option("--latency-batch <n>", "the batch size whose times those are")
        .default(32)
        .argParser((text) => wholeNumber(text, 1, 1024)),
    )
    .addOption(
      new Option("--threads <n>", "workers of one thread each").default(defaultThreads()).argParser(parseThreads),
    )
    .addOption(
      new Option(
        "--levels <bits>",
        "only these of the run's levels, e.g. 8: a smaller folder, and no slower",
      ).argParser(parseLevels),
    )
    .option("--packed", "also the weights of levels below 8 bits with so many bits each")
    .option("--dry-run", "say what would be written")
    .option("--json", "the summary as JSON on standard output, errors as JSON")
    .action((run: string, { packed, dryRun, json, ...options }: ExportOptions) =>
      exportRun({
        ...options,
        run,
        isPacked: packed === true,
        isDryRun: dryRun === true,
        isJson: json === true,
        signal,
      }),
    );
}

function parseLevels(text: string): readonly Bits[] {
  if (!/^\d+(,\d+)*$/.test(text)) throw new InvalidArgumentError("expected bit-widths such as 8,6.");
  return text.split(",").map((part) => bits(wholeNumber(part, 2, 8)));
}
