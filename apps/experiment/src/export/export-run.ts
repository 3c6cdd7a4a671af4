import { join, resolve } from "node:path";
import { type AdaptiveModel, writeModelDirectory } from "@quee/adaptive-classifier";
import { assertEmptyFolder, type Content, canonicalJson, readFileChecked, readJson } from "@quee/artifacts";
import { latencyTableSchema } from "@quee/cost-model";
import { exitHeadsSchema } from "@quee/exit-heads";
import { gatesSchema, parseGates } from "@quee/gate-predictors";
import { encodeModel } from "@quee/onnx-codec";
import { decodePathTable } from "@quee/path-tables";
import { accuracyCostFigure } from "@quee/report";
import { modelsFolder } from "../bundled.js";
import { openProgress } from "../run/open-progress.js";
import { duration } from "../run/progress.js";
import { readModelFiles } from "../stages/model-files.js";
import { anatomySchema } from "../stages/prepare.js";
import { encodingsSchema } from "../stages/quantize-blocks.js";
import { fullPrecisionTop1 } from "./full-precision.js";
import { huggingFaceConfig } from "./hugging-face-config.js";
import { modelCard } from "./model-card.js";
import { exportedBlock, fullNetwork, labelled } from "./networks.js";
import {
  costTables,
  type GrantedWish,
  grantedWishes,
  latencyCosts,
  routingTable,
  sweepsOf,
  wishesCsv,
} from "./routing.js";
import { openRunRecord, type RunRecord } from "./run-record.js";

export interface ExportRequest {
  readonly run: string;
  readonly out: string;
  readonly arithmetic: "integer" | "fake-quant";
  /** A table of `quee bench --calibrate`: the model can then route by time too. */
  readonly latency?: string;
  /** The batch size whose times those are. */
  readonly latencyBatch: number;
  readonly threads: number;
  readonly isDryRun: boolean;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}

/** Fractions of right answers that may be lost, for the card and `eval/operating_points.csv`. */
const drops = [0, 0.005, 0.01, 0.02];

/** Writes a finished run as a model directory. */
export async function exportRun(request: ExportRequest): Promise<void> {
  const { out, isDryRun, isJson } = request;
  await assertEmptyFolder(out);
  const record = await openRunRecord(request.run);
  const { model, others, wishes } = await contentsOf(record, request);
  const { exitCount, levels } = model.gates.space;
  const facts = { out: resolve(out), arithmetic: model.arithmetic, exits: exitCount, levels, operatingPoints: wishes };
  if (!isDryRun) await writeModelDirectory(out, model, others);
  if (isJson) console.log(JSON.stringify(isDryRun ? { ...facts, dryRun: true } : facts));
  else {
    const what = `${exitCount} blocks at ${levels.join(", ")} bits (${model.arithmetic}), the full network, gates, ${model.routing.map(({ name }) => name).join(", ")} costs`;
    console.log(`${isDryRun ? "would write" : "wrote"} ${out}: ${what}`);
  }
}

interface Contents {
  readonly model: AdaptiveModel;
  readonly others: ReadonlyMap<string, Content>;
  readonly wishes: readonly GrantedWish[];
}

async function contentsOf(record: RunRecord, request: ExportRequest): Promise<Contents> {
  const { config, results } = record;
  const { arithmetic, threads, signal } = request;
  const roots = [resolve(process.env["QUEE_MODELS"] ?? "models"), modelsFolder];
  const files = await readModelFiles(config.backbone.model, roots);
  const [prepared, quantized, heads, tables, trained] = (await Promise.all(
    (["prepare", "quantize-blocks", "train-heads", "collect", "train-gates"] as const).map((stage) =>
      record.entry(stage),
    ),
  )) as [Entry, Entry, Entry, Entry, Entry];
  const { macs } = await prepared.readJson("anatomy.json", anatomySchema);
  const encodings = await quantized.readJson("encodings.json", encodingsSchema);
  const gates = parseGates(await trained.readJson("gates.json", gatesSchema));
  const validation = decodePathTable(await tables.read("validation.bin"), "validation");
  const test = decodePathTable(await tables.read("test.bin"), "test");
  const { graph, anatomy } = fullNetwork(files, config.exits, prepared);

  const floatTop1 = await watched("full precision", (update) =>
    fullPrecisionTop1(validation, {
      ...{ config, model: files, network: graph, exitCount: config.exits.length, threads, signal, onImages: update },
      dataRoot: resolve(process.env["QUEE_DATA"] ?? "data"),
    }),
  );
  const costs = [
    ...costTables(macs, gates, config.cost.model),
    ...(request.latency === undefined
      ? []
      : [
          latencyCosts(
            await readJson(request.latency, latencyTableSchema, { kind: "input" }),
            gates.space,
            arithmetic,
            request.latencyBatch,
          ),
        ]),
  ];
  const sweepOver = sweepsOf(gates, { validation, test });
  const swept = costs.map((named) => ({ named, sweeps: sweepOver(named) }));
  const wishesBy = new Map(
    swept.map(({ named, sweeps }) => [
      named.name,
      grantedWishes(sweeps, { budgets: config.budgets, drops, floatTop1 }),
    ]),
  );
  const wishes = wishesBy.get(config.cost.model) ?? [];
  const model: AdaptiveModel = {
    name: `${config.backbone.model} (${config.name})`,
    arithmetic,
    imageShape: anatomy.imageShape,
    classNames: results.classes.names,
    preprocessing: files.preprocessing,
    gates,
    routing: swept.map(({ named, sweeps }) => routingTable(named, sweeps)),
    floatTop1,
    block: (block, bits) => exportedBlock({ quantized, encodings, arithmetic, source: files.sha256 }, block, bits),
  };
  const allHeads = [
    ...(await heads.readJson("heads.json", exitHeadsSchema)).heads,
    ...(await prepared.readJson("final-head.json", exitHeadsSchema)).heads,
  ];
  const card = modelCard({
    ...{ results, arithmetic, wishes, costs: config.cost.model },
    floatTop1: { validation: floatTop1, test: results.backbone.top1 },
  });
  const others = new Map<string, Content>([
    ["README.md", card],
    ["config.json", json(await huggingFaceConfig(anatomy, results.classes.names, files.file))],
    ["onnx/model.onnx", encodeModel(labelled(graph, files.sha256, { kind: "network" }))],
    ["quee/heads.json", json({ format: "quee-exit-heads", version: 1, heads: allHeads })],
    ["quee/encodings.json", json(encodings)],
    ["eval/results.json", await readFileChecked(join(record.folder, "results.json"))],
    ["eval/operating_points.csv", wishesCsv(wishesBy)],
    ["figures/accuracy-cost.svg", accuracyCostFigure(results)],
  ]);
  return { model, others, wishes };
}

type Entry = Awaited<ReturnType<RunRecord["entry"]>>;

function json(value: unknown): string {
  return `${canonicalJson(value, { mode: "lenient", layout: "lines" })}\n`;
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
