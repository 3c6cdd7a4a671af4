import type { Command } from "commander";
import { pretrain } from "../../pretrain/pretrain.js";
import type { CommonOptions } from "../options.js";
import { requestOf, withBasics } from "./on-config.js";

export function addPretrain(program: Command, signal: AbortSignal): void {
  const command = program
    .command("pretrain")
    .description("train the backbone of a config from scratch, where its config says how");
  withBasics(command).action((config: string, overrides: string[], options: CommonOptions) =>
    pretrain(requestOf(config, overrides, options, signal)),
  );
}
