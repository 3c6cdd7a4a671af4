import { join, relative } from "node:path";
import { type FileDigest, writeFileAtomically, writeJson } from "@quee/artifacts";
import {
  accuracyCostFigure,
  classFigure,
  curvesCsv,
  exitHistogramFigure,
  operatingPointLines,
  outcomesSchema,
  type PathExample,
  reportHtml,
  reportMarkdown,
  resultsSchema,
  shiftFigure,
  shownMethods,
  type Timings,
  timingsSchema,
  verdictLines,
} from "@quee/report";
import { thumbnail } from "../data/thumbnail.js";
import type { MeasuredRival } from "../methods/fit-rivals.js";
import type { Environment } from "../run/machine.js";
import { duration } from "../run/progress.js";
import type { Run } from "../run/run.js";
import { watchStage } from "../run/stage-clock.js";
import type { Dataset } from "./dataset.js";
import type { Evaluated } from "./evaluate.js";

/** What is said when a run ends. */
export interface RunSummary {
  readonly lines: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
}

interface ReportInputs {
  readonly evaluated: Evaluated;
  readonly rivals: readonly MeasuredRival[];
  readonly dataset: Dataset;
  readonly machine: Environment;
  /** Why these levels; null where the config gives them. */
  readonly levelChoice: string | null;
}

/** Writes what people look at: results, curves, figures, the page. Made anew at each run; nothing in it is slow. */
export async function report(
  run: Run,
  { evaluated, rivals, dataset, machine, levelChoice }: ReportInputs,
): Promise<RunSummary> {
  const { results, outcomes, live } = evaluated;
  const { directory, progress } = run;
  const lines = operatingPointLines(results);
  if (directory === null) return { lines, facts: {} };
  const stop = watchStage();
  const stage = progress.begin("report");
  const file = (name: string) => join(directory.path, name);
  const write = (name: string, content: string): Promise<FileDigest> => writeFileAtomically(file(name), content);

  await writeJson(file("results.json"), resultsSchema, results);
  await writeJson(file("outcomes.json"), outcomesSchema, outcomes);
  await write("curves.csv", curvesCsv(results));
  await write("figures/accuracy-cost.svg", accuracyCostFigure(results, { methods: shownMethods(results) }));
  await write("figures/every-method.svg", accuracyCostFigure(results));
  await write("figures/exits.svg", exitHistogramFigure(results));
  const classes = classFigure(results);
  if (classes !== null) await write("figures/classes.svg", classes);
  const shift = shiftFigure(results);
  if (shift !== null) await write("figures/shift.svg", shift);

  const methods = effortsOf(run, rivals);
  const timings = () => {
    const stages = run.timings.map(({ secondsToMake: _, ...stage }) => stage);
    return timingsSchema.parse({ schemaVersion: 1, stages, methods });
  };
  await write(
    "report.html",
    reportHtml({
      results,
      timings: timings(),
      environment: wordsOf(machine),
      examples: await examplesOf(results, dataset),
      ...(levelChoice === null ? {} : { levelChoice }),
    }),
  );
  await write("report.md", reportMarkdown({ results, timings: timings() }));
  const cost = stop();
  run.timings.push({ name: "report", cached: false, ...cost, secondsToMake: cost.seconds });
  await writeJson(file("timings.json"), timingsSchema, timings());
  const page = relative(process.cwd(), file("report.html"));
  stage.end(`${duration(run.timings.at(-1)?.seconds ?? 0).padStart(6)}  ${page}`);

  const decisions = live.images * live.runs.length;
  return {
    lines: [
      `full precision: ${(100 * results.backbone.top1).toFixed(1)} % right`,
      ...lines,
      ...verdictLines(results).slice(0, 1),
      ...(decisions === 0
        ? []
        : [`run live, ${decisions - live.differences} of ${decisions} decisions were those of the replay`]),
      `report: ${page}`,
    ],
    facts: {
      report: file("report.html"),
      top1: results.backbone.top1,
      operatingPoints: results.operatingPoints,
      live: { decisions, differences: live.differences },
    },
  };
}

/** What a whole curve took: QuEE its clusters and gates, a rival its fit. */
function effortsOf({ config, timings }: Run, rivals: readonly MeasuredRival[]): NonNullable<Timings["methods"]> {
  const made = timings.filter(({ name }) => name === "cluster" || name === "train-gates");
  const quee = Array.from({ length: config.seeds }, (_, s) => {
    // Both stages run once per seed, in turns, for the config's own seed last.
    const at = 2 * ((s + config.seeds - 1) % config.seeds);
    const [clusters, gates] = made.slice(at, at + 2).map((stage) => stage.secondsToMake);
    const seconds = clusters == null || gates == null ? null : clusters + gates;
    return { method: "quee", seed: config.seed + s, trainings: config.exits.length - 1, seconds };
  });
  const others = rivals.flatMap(({ bySeed, seconds }) =>
    bySeed.map(({ name, trainings }, s) => ({
      ...{ method: name, seed: config.seed + s, trainings },
      seconds: seconds[s] ?? null,
    })),
  );
  return [...quee, ...others];
}

function examplesOf(results: Evaluated["results"], { test }: Dataset): Promise<readonly PathExample[]> {
  const name = (label: number) => test.classNames[label] ?? String(label);
  return Promise.all(
    results.examples.flatMap(({ path, images }) =>
      images.map(async ({ id, label, predicted }) => ({
        path,
        label: name(label),
        predicted: name(predicted),
        dataUri: await thumbnail(test, id),
      })),
    ),
  );
}

function wordsOf({
  node,
  onnxruntime,
  platform,
  cpu,
  cores,
  memoryBytes,
  threads,
}: Environment): Record<string, string> {
  return {
    Node: node,
    onnxruntime,
    Platform: platform,
    Processor: `${cpu}, ${cores} cores`,
    Memory: `${(memoryBytes / 2 ** 30).toFixed(0)} GiB`,
    Workers: `${threads} of one thread`,
  };
}
