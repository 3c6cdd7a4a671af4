import type { Command } from "commander";
import { compareRuns } from "../../compare/compare-runs.js";

interface CompareOptions {
  readonly out?: string;
  readonly json?: boolean;
}

export function addCompare(program: Command): void {
  program
    .command("compare")
    .description("two finished runs: their curves in one figure, and how far apart they are at the same cost")
    .argument("<first>", "a run directory")
    .argument("<second>", "another one")
    .option("--out <dir>", "where figure and numbers go; without it runs/comparisons/<first>--<second>")
    .option("--json", "the comparison as JSON on standard output, errors as JSON")
    .action((first: string, second: string, { out, json }: CompareOptions) =>
      compareRuns({ runs: [first, second], isJson: json === true, ...(out === undefined ? {} : { out }) }),
    );
}
