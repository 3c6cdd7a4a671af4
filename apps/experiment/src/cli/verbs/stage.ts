import type { Command } from "commander";
import { stageNames } from "../../run/run.js";
import { runExperiment } from "../../run/run-experiment.js";
import type { CommonOptions } from "../options.js";
import { requestOf, withRunOptions } from "./on-config.js";

export function addStage(program: Command, signal: AbortSignal): void {
  const stage = program.command("stage").description("run an experiment up to a stage");
  withRunOptions(stage.argument("<name>", stageNames.join(", "))).action(
    (name: string, config: string, overrides: string[], options: CommonOptions) =>
      runExperiment({ ...requestOf(config, overrides, options, signal), until: name }),
  );
}
