import { type Command, Option } from "commander";
import type { RunRequest } from "../../run/run-experiment.js";
import { type CommonOptions, defaultThreads, parseSeed, parseThreads } from "../options.js";

/** What every verb on a config takes. */
export function withBasics(command: Command): Command {
  return command
    .argument("<config>", "a config by name, or a .yaml file")
    .argument("[overrides...]", "key=value: replaces a value of the config, e.g. heads.maxEpochs=5")
    .option(
      "--out <dir>",
      "where results go; without it runs/<config>-<hash>; of pretrain and finetune, <models root>/<name>",
    )
    .option("--dry-run", "say what would be done, and what is done already")
    .addOption(
      new Option("--threads <n>", "threads: workers of one thread each; of pretrain, threads of its one session")
        .default(defaultThreads())
        .argParser(parseThreads),
    )
    .addOption(new Option("--seed <n>", "replaces the seed of the config").argParser(parseSeed));
}

/** What verbs take that make a run. */
export function withRunOptions(command: Command): Command {
  return withBasics(command)
    .option("--resume", "go on in the directory of --out")
    .option("--json", "the summary as JSON on standard output, errors as JSON");
}

export function requestOf(
  config: string,
  overrides: readonly string[],
  options: CommonOptions,
  signal: AbortSignal,
): RunRequest {
  return {
    config,
    overrides: options.seed === undefined ? overrides : [...overrides, `seed=${options.seed}`],
    threads: options.threads,
    isDryRun: options.dryRun === true,
    isJson: options.json === true,
    isResume: options.resume === true,
    signal,
    ...(options.out === undefined ? {} : { out: options.out }),
  };
}
