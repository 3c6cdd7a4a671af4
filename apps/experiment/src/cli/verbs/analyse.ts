import { totalmem } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { analyseRun } from "../../analyse/analyse-run.js";
import { defaultThreads, parseThreads, wholeNumber } from "../options.js";

interface AnalyseOptions {
  readonly out?: string;
  readonly seeds: number;
  readonly only?: readonly string[];
  readonly threads: number;
  /** MiB */
  readonly memory?: number;
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

export function addAnalyse(program: Command, signal: AbortSignal): void {
  program
    .command("analyse")
    .description("the figures and tables about the method, from the tables of a finished run")
    .argument("<run>", "a run directory")
    .option("--out <dir>", "where pages go; without it analysis/ in the run directory")
    .addOption(
      new Option("--seeds <n>", "times that clusters and gates are made")
        .default(3)
        .argParser((text) => wholeNumber(text, 1, 20)),
    )
    .addOption(new Option("--only <names>", "some analyses, by name, with commas").argParser(parseNames))
    .addOption(new Option("--threads <n>", "threads").default(defaultThreads()).argParser(parseThreads))
    .addOption(
      new Option(
        "--memory <MiB>",
        "refuse larger tables; without it those larger than the memory of this machine",
      ).argParser((text) => wholeNumber(text, 1, 2 ** 30)),
    )
    .option("--json", "the summary as JSON on standard output, errors as JSON")
    .option("--dry-run", "say what would be done, and what is done already")
    .action((run: string, { json, dryRun, memory, ...options }: AnalyseOptions) =>
      analyseRun({
        ...options,
        memoryBytes: memory === undefined ? totalmem() : memory * 2 ** 20,
        run,
        isJson: json === true,
        isDryRun: dryRun === true,
        signal,
      }),
    );
}

function parseNames(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.some((name) => name === "")) throw new InvalidArgumentError("expected names with commas between them.");
  return names;
}
