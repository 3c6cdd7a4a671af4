import { type Command, Option } from "commander";
import { pretrain } from "../pretrain/pretrain.js";
import { stageNames } from "../run/run.js";
import { type RunRequest, runExperiment } from "../run/run-experiment.js";
import { type CommonOptions, defaultThreads, parseSeed, parseThreads } from "./options.js";

/** Adds the verbs. */
export function addCommands(program: Command, signal: AbortSignal): void {
  const onConfig = (command: Command) =>
    withBasics(command)
      .option("--resume", "go on in the directory of --out")
      .option("--json", "the summary as JSON on standard output, errors as JSON");
  const withBasics = (command: Command) =>
    command
      .argument("[overrides...]", "key=value: replaces a value of the config, e.g. heads.maxEpochs=5")
      .option("--out <dir>", "where results go; without it runs/<config>-<hash>, or models/<name> for pretrain")
      .option("--dry-run", "say what would be done, and what is done already")
      .addOption(
        new Option("--threads <n>", "threads: workers of one thread each; of pretrain, threads of its one session")
          .default(defaultThreads())
          .argParser(parseThreads),
      )
      .addOption(new Option("--seed <n>", "replaces the seed of the config").argParser(parseSeed));
  const request = (config: string, overrides: readonly string[], options: CommonOptions): RunRequest => ({
    config,
    overrides: options.seed === undefined ? overrides : [...overrides, `seed=${options.seed}`],
    threads: options.threads,
    isDryRun: options.dryRun === true,
    isJson: options.json === true,
    isResume: options.resume === true,
    signal,
    ...(options.out === undefined ? {} : { out: options.out }),
  });

  onConfig(
    program
      .command("run")
      .description("run a whole experiment")
      .argument("<config>", "a config by name, or a .yaml file"),
  ).action((config: string, overrides: string[], options: CommonOptions) =>
    runExperiment(request(config, overrides, options)),
  );
  onConfig(
    program
      .command("stage")
      .description("run an experiment up to a stage")
      .argument("<name>", stageNames.join(", "))
      .argument("<config>", "a config by name, or a .yaml file"),
  ).action((name: string, config: string, overrides: string[], options: CommonOptions) =>
    runExperiment({ ...request(config, overrides, options), until: name }),
  );
  withBasics(
    program
      .command("pretrain")
      .description("train the backbone of a config from scratch, where its config says how")
      .argument("<config>", "a config by name, or a .yaml file"),
  ).action((config: string, overrides: string[], options: CommonOptions) =>
    pretrain(request(config, overrides, options)),
  );
}
