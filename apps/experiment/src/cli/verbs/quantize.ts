import { type Bits, bits } from "@quee/core";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ScaleSettings } from "../../quantize/find-encodings.js";
import { quantizeModel } from "../../quantize/quantize-model.js";
import { refuseUnused } from "../../quantize/refuse-unused.js";
import { defaultThreads, parseSeed, parseThreads, wholeNumber } from "../options.js";

interface QuantizeOptions {
  readonly data: string;
  readonly out: string;
  readonly bits: readonly Bits[];
  readonly images: number;
  readonly heldImages: number;
  readonly calibrate?: string;
  readonly evaluate?: string;
  readonly preprocessing?: string;
  readonly method: "ptq4vit" | "min-max";
  readonly gradient: "ce-pseudo" | "ce-label" | "fisher";
  readonly compatibility: "paper" | "reference-code";
  readonly stem: "highest" | "levels" | "float";
  readonly twins: boolean;
  readonly memoryMegabytes: number;
  readonly compare?: boolean;
  readonly seed: number;
  readonly threads: number;
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

export function addQuantize(program: Command, signal: AbortSignal): void {
  const count = (least: number) => (text: string) => wholeNumber(text, least, 10_000_000);
  program
    .command("quantize")
    .description("quantize an exported vision transformer, without an experiment")
    .argument("<model>", "an .onnx file")
    .requiredOption("--data <dir>", "the folder of the images: CIFAR-10, CIFAR-100, SVHN, or a folder per class")
    .requiredOption("--out <dir>", "where the quantized networks and tables go")
    .addOption(
      new Option("--bits <list>", "bit-widths from 2 to 8")
        .default([8, 6, 4].map(bits), "8,6,4")
        .argParser(parseLevels),
    )
    .addOption(new Option("--images <n>", "calibration images").default(128).argParser(count(1)))
    .addOption(new Option("--held-images <n>", "other images to measure on").default(64).argParser(count(0)))
    .option("--calibrate <file>", "where in it calibration images are: a file, FILE:from+count, or a folder")
    .option("--evaluate <file>", "with --compare, where in it the labelled images are, likewise")
    .option("--preprocessing <file>", "how images are prepared; without it preprocessor_config.json beside the model")
    .addOption(new Option("--method <name>", "how scales are found").choices(["ptq4vit", "min-max"]).default("ptq4vit"))
    .addOption(
      new Option("--gradient <mode>", "the loss whose gradient weighs errors")
        .choices(["ce-pseudo", "ce-label", "fisher"])
        .default("ce-pseudo"),
    )
    .addOption(
      new Option("--compatibility <with>", "the softmax rule").choices(["paper", "reference-code"]).default("paper"),
    )
    .addOption(
      new Option("--stem <bits>", "bits of what comes before layer 1")
        .choices(["highest", "levels", "float"])
        .default("highest"),
    )
    .option("--no-twins", "no ranges of their own behind GELU and softmax")
    .addOption(
      new Option("--memory-megabytes <n>", "what activations may take at a time").default(1024).argParser(count(1)),
    )
    .option("--compare", "compare all ways to find scales instead of writing networks")
    .addOption(new Option("--seed <n>", "draws the images").default(0).argParser(parseSeed))
    .addOption(new Option("--threads <n>", "threads").default(defaultThreads()).argParser(parseThreads))
    .option("--json", "the summary as JSON on standard output, errors as JSON")
    .option("--dry-run", "say what would be done")
    .action((model: string, options: QuantizeOptions, command: Command) => {
      const { bits: levels, preprocessing, calibrate, evaluate, compare, dryRun, json, ...rest } = options;
      refuseUnused(onCommandLine(command), { method: options.method, isCompare: compare === true });
      return quantizeModel({
        ...{ ...rest, model, levels, settings: settingsOf(options), signal },
        ...{ isCompare: compare === true, isDryRun: dryRun === true, isJson: json === true },
        ...(preprocessing === undefined ? {} : { preprocessing }),
        ...(calibrate === undefined ? {} : { calibrate }),
        ...(evaluate === undefined ? {} : { evaluate }),
      });
    });
}

function onCommandLine(command: Command): ReadonlySet<string> {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === "cli");
  return new Set(given.map(({ long }) => long ?? ""));
}

function settingsOf(options: QuantizeOptions): ScaleSettings {
  const { method, gradient, compatibility, twins, memoryMegabytes } = options;
  return method === "min-max" ? { method } : { method, gradient, compatibility, twins, memoryMegabytes };
}

/** Most bits first. */
function parseLevels(text: string): readonly Bits[] {
  const levels = text.split(",").map(Number);
  const isLegal = levels.every((level) => Number.isInteger(level) && level >= 2 && level <= 8);
  if (!isLegal || new Set(levels).size !== levels.length) {
    throw new InvalidArgumentError("expected distinct whole numbers from 2 to 8, e.g. 8,6,4.");
  }
  return levels.sort((a, b) => b - a).map(bits);
}
