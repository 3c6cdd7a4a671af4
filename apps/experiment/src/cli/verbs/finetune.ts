import type { Command } from "commander";
import { finetune } from "../../finetune/finetune.js";
import type { CommonOptions } from "../options.js";
import { requestOf, withBasics } from "./on-config.js";

export function addFinetune(program: Command, signal: AbortSignal): void {
  const command = program
    .command("finetune")
    .description(
      "make the backbone of a config out of another network: a new head, and all weights where the config says so",
    );
  withBasics(command).action((config: string, overrides: string[], options: CommonOptions) =>
    finetune(requestOf(config, overrides, options, signal)),
  );
}
