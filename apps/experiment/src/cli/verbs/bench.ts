import { type Command, InvalidArgumentError, Option } from "commander";
import { type BenchRequest, bench } from "../../bench/bench.js";
import { wholeNumber } from "../options.js";

type BenchOptions = Pick<
  BenchRequest,
  "run" | "out" | "arithmetic" | "images" | "rounds" | "batches" | "workers" | "only"
> & {
  readonly calibrate?: boolean;
  readonly soak: number;
  readonly memory: boolean;
  readonly json?: boolean;
};

export function addBench(program: Command, signal: AbortSignal): void {
  program
    .command("bench")
    .description("measure a finished run beside its rivals: images per second, latency, memory")
    .argument("<config>", "a config by name, or a .yaml file")
    .argument("[overrides...]", "key=value, as the run had them")
    .option("--run <dir>", "the run's directory; without it runs/<config>-<hash>")
    .option("--out <dir>", "where bench.md and bench.json go; without it the folder bench of the run")
    .addOption(
      new Option("--arithmetic <kind>", "how quantized blocks compute")
        .choices(["integer", "fake-quant"])
        .default("integer"),
    )
    .addOption(numberOption("--images <n>", "test images per round", 1_000, 1, 1_000_000))
    .addOption(numberOption("--rounds <n>", "rounds after the first, which warms up", 5, 1, 1_000))
    .addOption(listOption("--batches <sizes>", "batch sizes, e.g. 1,8,32,128", [1, 8, 32, 128]))
    .addOption(listOption("--workers <counts>", "numbers of workers of one thread each, e.g. 1,2", [1, 2]))
    .addOption(new Option("--only <names>", "some contestants, by name").argParser((text) => text.split(",")))
    .option("--calibrate", "time every block, gate and some paths one by one, into latency.json")
    .addOption(numberOption("--soak <n>", "then stream this many images and watch the memory", 0, 0, 100_000_000))
    .option("--no-memory", "leave out what the models of each take of memory")
    .option("--json", "the result as JSON on standard output, errors as JSON")
    .action((config: string, overrides: string[], { calibrate, soak, memory, json, ...options }: BenchOptions) =>
      bench({
        ...options,
        ...{ config, overrides, soakImages: soak, isComparingMemory: memory, signal },
        ...{ isCalibrating: calibrate === true, isJson: json === true },
      }),
    );
}

function numberOption(flags: string, words: string, preset: number, least: number, most: number): Option {
  return new Option(flags, words).default(preset).argParser((text) => wholeNumber(text, least, most));
}

function listOption(flags: string, words: string, preset: readonly number[]): Option {
  return new Option(flags, words).default(preset).argParser((text) => {
    if (!/^\d+(,\d+)*$/.test(text)) throw new InvalidArgumentError("expected whole numbers such as 1,8,32.");
    return text.split(",").map((part) => wholeNumber(part, 1, 1_024));
  });
}
