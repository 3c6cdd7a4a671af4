import type { Command } from "commander";
import { runExperiment } from "../../run/run-experiment.js";
import type { CommonOptions } from "../options.js";
import { requestOf, withRunOptions } from "./on-config.js";

export function addRun(program: Command, signal: AbortSignal): void {
  withRunOptions(program.command("run").description("run a whole experiment")).action(
    (config: string, overrides: string[], options: CommonOptions) =>
      runExperiment(requestOf(config, overrides, options, signal)),
  );
}
