import { resolve } from "node:path";
import type { AdaptiveModel } from "@quee/adaptive-classifier";
import { readJson, type StageEntry } from "@quee/artifacts";
import type { Bits } from "@quee/core";
import { latencyTableSchema } from "@quee/cost-model";
import { type Gates, gatesSchema, narrowGates, parseGates } from "@quee/gate-predictors";
import type { PathTable } from "@quee/path-tables";
import { modelsFolder } from "../bundled.js";
import { openProgress } from "../run/open-progress.js";
import { duration } from "../run/progress.js";
import { readCorrection } from "../stages/correct-heads.js";
import { type HeadCorrection, uncorrected } from "../stages/head-correction.js";
import { type ModelFiles, readModelFiles } from "../stages/model-files.js";
import { anatomySchema } from "../stages/prepare.js";
import { encodingsSchema } from "../stages/quantize-blocks.js";
import { openTable } from "../stages/table-files.js";
import { fullPrecisionTop1 } from "./full-precision.js";
import { type BlockSource, exportedBlock, type FullNetwork, fullNetwork } from "./networks.js";
import { costTables, latencyCosts, type NamedCosts, routingTable, type Sweeps, sweepsOf } from "./routing.js";
import type { RunRecord } from "./run-record.js";

export interface RunModelRequest {
  readonly arithmetic: "integer" | "fake-quant";
  /** A table of `quee bench --calibrate`: the model can then route by time too. */
  readonly latency?: string;
  /** Only paths at these; all of the run by default. */
  readonly levels?: readonly Bits[] | undefined;
  /** The batch size whose times those are. */
  readonly latencyBatch: number;
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** A finished run as a model, and what it was made from. */
export interface RunModel {
  readonly model: AdaptiveModel;
  /** The exported file that the run began with. */
  readonly files: ModelFiles;
  readonly full: FullNetwork;
  readonly encodings: BlockSource["encodings"];
  readonly validation: PathTable<"validation">;
  /** By table of costs, in the order of the model's. */
  readonly swept: readonly { readonly named: NamedCosts; readonly sweeps: Sweeps }[];
  /** The same under other costs, or with other gates. */
  sweepOver(named: NamedCosts, gates?: Gates): Sweeps;
  readonly prepared: StageEntry;
  readonly heads: StageEntry;
  /** Where heads are corrected. */
  readonly corrected: StageEntry | null;
  readonly correction: HeadCorrection;
}

export async function openRunModel(record: RunRecord, request: RunModelRequest): Promise<RunModel> {
  const { config, results } = record;
  const { arithmetic, threads, signal, latency } = request;
  const roots = [resolve(process.env["QUEE_MODELS"] ?? "models"), modelsFolder];
  const files = await readModelFiles(config.backbone.model, roots, config.backbone.preprocessing);
  const [prepared, quantized, heads] = [
    await record.entry("prepare"),
    await record.entry("quantize-blocks"),
    await record.entry("train-heads"),
  ];
  const [tables, trained] = [await record.entry("collect"), await record.entry("train-gates")];
  const { macs } = await prepared.readJson("anatomy.json", anatomySchema);
  const encodings = await quantized.readJson("encodings.json", encodingsSchema);
  const all = parseGates(await trained.readJson("gates.json", gatesSchema));
  const gates = request.levels === undefined ? all : narrowGates(all, request.levels);
  const corrected = config.heads.logits === "affine" ? await record.entry("correct-heads") : null;
  const correction = corrected === null ? uncorrected : await readCorrection(corrected, config.tables);
  const validation = openTable(tables, "validation", "validation", config, correction.answers);
  const test = openTable(tables, "test", "test", config, correction.answers);
  const full = fullNetwork(files, config.exits, prepared);
  const floatTop1 = await watched("full precision", (update) =>
    fullPrecisionTop1(validation, {
      ...{ config, model: files, network: full.graph, exitCount: config.exits.length, threads, signal },
      ...{ onImages: update, dataRoot: resolve(process.env["QUEE_DATA"] ?? "data") },
    }),
  );
  const costs = [...costTables(macs, gates, config.cost)];
  if (latency !== undefined) {
    const table = await readJson(latency, latencyTableSchema, { kind: "input" });
    costs.push(latencyCosts(table, gates.space, arithmetic, request.latencyBatch));
  }
  const sweepOver = (named: NamedCosts, chosen = gates) => sweepsOf(chosen, { validation, test })(named);
  const swept = costs.map((named) => ({ named, sweeps: sweepOver(named) }));
  const model: AdaptiveModel = {
    name: `${config.backbone.model} (${config.name})`,
    arithmetic,
    imageShape: full.anatomy.imageShape,
    classNames: results.classes.names,
    preprocessing: files.preprocessing,
    gates,
    routing: swept.map(({ named, sweeps }) => routingTable(named, sweeps, gates.space)),
    floatTop1,
    block: blocksFrom({ quantized, encodings, arithmetic, correction, source: files.sha256 }),
  };
  return { model, files, full, encodings, validation, swept, sweepOver, prepared, heads, corrected, correction };
}

/** Of a scope of its own: a model that remembered the tables of this one would keep them in memory. */
function blocksFrom(source: BlockSource): AdaptiveModel["block"] {
  return (block, bits) => exportedBlock(source, block, bits);
}

async function watched<T>(
  name: string,
  work: (update: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  const begun = performance.now();
  const line = openProgress().begin(name);
  const result = await work((done, total) => line.update(done, total, "images"));
  line.end(duration((performance.now() - begun) / 1000));
  return result;
}
