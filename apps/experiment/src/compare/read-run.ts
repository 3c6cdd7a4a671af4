import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { readFileChecked, readJson } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import { type Outcomes, outcomesSchema, type Results, resultsSchema } from "@quee/report";

/** What is compared of a finished run. */
export interface FinishedRun {
  /** Name of the directory. */
  readonly name: string;
  readonly path: string;
  readonly results: Results;
  /** Null where the run is older than that file. */
  readonly outcomes: Outcomes | null;
  /** The resolved config, as YAML. */
  readonly config: string;
}

export async function readFinishedRun(directory: string): Promise<FinishedRun> {
  const path = resolve(directory);
  const file = (name: string) => join(path, name);
  if (!existsSync(file("config.resolved.yaml")) || !existsSync(file("results.json"))) {
    throw new QueeError({
      code: "E_NO_RUN",
      kind: "usage",
      file: directory,
      expected: "the directory of a finished run (with results.json)",
      got: existsSync(file("config.resolved.yaml"))
        ? "a run that has not come to its end"
        : existsSync(path)
          ? "other files"
          : "nothing there",
    });
  }
  return {
    ...{ name: basename(path), path },
    results: await readJson(file("results.json"), resultsSchema),
    outcomes: existsSync(file("outcomes.json")) ? await readJson(file("outcomes.json"), outcomesSchema) : null,
    config: new TextDecoder().decode(await readFileChecked(file("config.resolved.yaml"))),
  };
}
