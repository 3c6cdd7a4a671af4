import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { stageKey, writeFileAtomically } from "@quee/artifacts";
import { QueeError, show } from "@quee/core";
import { analysisHtml } from "@quee/report";
import { nearest } from "../config/nearest.js";
import { type OpenedRun, openRun } from "../run/open-run.js";
import { duration } from "../run/progress.js";
import { analyses } from "./analyses.js";
import { type Analysis, type AnalysisResult, analysisResultSchema } from "./analysis.js";
import { filesOf } from "./analysis-files.js";
import { assertTablesFit } from "./tables-fit.js";
import { openWorkbench, type Workbench } from "./workbench.js";

export interface AnalyseRequest {
  readonly run: string;
  /** Default: `analysis` in the run directory. */
  readonly out?: string;
  readonly seeds: number;
  /** Names of analyses; all by default. */
  readonly only?: readonly string[];
  readonly threads: number;
  /** Tables that are larger, in float32, are refused. */
  readonly memoryBytes: number;
  readonly isJson: boolean;
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
}

/** `quee analyse RUN`: the analyses of the paper, and what goes past it, on the tables of a finished run. */
export async function analyseRun(request: AnalyseRequest): Promise<void> {
  const chosen = chosenOf(request.only);
  const opened = await openRun(request.run, request);
  try {
    const bench = openWorkbench(opened, request.seeds);
    assertTablesFit(opened.tables, bench.space, request.memoryBytes);
    const out = resolve(request.out ?? join(opened.path, "analysis"));
    if (request.isDryRun) {
      await printPlan(bench, chosen, out, request);
      return;
    }
    await mkdir(join(out, "figures"), { recursive: true });
    const done: { analysis: Analysis; result: AnalysisResult }[] = [];
    for (const analysis of chosen) {
      const result = await resultOf(bench, analysis, request.seeds);
      done.push({ analysis, result });
      for (const [name, content] of filesOf(analysis, result)) await writeFileAtomically(join(out, name), content);
    }
    await writeFileAtomically(join(out, "analysis.html"), pageOf(opened, request.seeds, done));
    if (request.isJson) {
      const texts = done.map(({ analysis, result }) => ({ name: analysis.name, text: result.text }));
      console.log(JSON.stringify({ out, seeds: request.seeds, analyses: texts }));
    } else {
      for (const { result } of done) for (const line of result.text) console.log(line);
      console.log(join(out, "analysis.html"));
    }
  } finally {
    await opened.close();
  }
}

function keyOf({ run, opened }: Workbench, { name, version }: Analysis, seeds: number) {
  const { config } = run;
  const inputs = { analysis: name, tables: opened.tables.fingerprint, config, seeds, platform: run.platform };
  return stageKey({ stage: "analyse", version, inputs });
}

/** From the cache, or made: a stop loses the analysis that is under way, less the trainings that it has finished. */
async function resultOf(bench: Workbench, analysis: Analysis, seeds: number): Promise<AnalysisResult> {
  const { run } = bench;
  const line = run.progress.begin(analysis.name);
  const begun = performance.now();
  const { entry, cached } = await run.cache.produce(keyOf(bench, analysis, seeds), async (draft) => {
    const result = await analysis.run(bench, line.update);
    await draft.writeJson("analysis.json", analysisResultSchema, result);
  });
  const result = await entry.readJson("analysis.json", analysisResultSchema);
  const took = cached ? "cached" : duration((performance.now() - begun) / 1000);
  line.end(`${took.padStart(6)}  ${analysis.title}`);
  return result;
}

function pageOf(
  { run: { config }, prepared }: OpenedRun,
  seeds: number,
  done: readonly { readonly analysis: Analysis; readonly result: AnalysisResult }[],
): string {
  return analysisHtml({
    title: `What QuEE does on ${config.dataset.name}`,
    kicker: `QuEE · ${config.name} · ${config.backbone.model}`,
    introduction:
      `${prepared.anatomy.depth} layers, exits behind ${config.exits.join(", ")}, ${config.levels.join(", ")} bits. ` +
      `${seeds} ${seeds === 1 ? "seed" : "seeds"}. Every number comes from the same tables of predicted probabilities.`,
    sections: done.map(({ analysis, result }) => ({ ...result, ...analysis, text: result.text })),
  });
}

async function printPlan(bench: Workbench, chosen: readonly Analysis[], out: string, request: AnalyseRequest) {
  const cached: string[] = [];
  const toDo: string[] = [];
  for (const analysis of chosen) {
    const entry = await bench.run.cache.open(keyOf(bench, analysis, request.seeds));
    (entry === null ? toDo : cached).push(analysis.name);
  }
  if (request.isJson) console.log(JSON.stringify({ out, cached, toDo }));
  else console.log(`out ${out}\ncached: ${cached.join(", ") || "nothing"}\nto do: ${toDo.join(", ") || "nothing"}`);
}

function chosenOf(only: readonly string[] | undefined): readonly Analysis[] {
  const names = analyses.map(({ name }) => name);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const close = nearest(unknown, names);
    throw new QueeError({
      code: "E_ANALYSIS",
      kind: "usage",
      where: "--only",
      expected: `some of ${names.join(", ")}`,
      got: show(unknown),
      ...(close === undefined ? {} : { hint: `Did you mean ${close}?` }),
    });
  }
  return only === undefined ? analyses : analyses.filter(({ name }) => only.includes(name));
}
