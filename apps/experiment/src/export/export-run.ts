import { join, resolve } from "node:path";
import { writeModelDirectory } from "@quee/adaptive-classifier";
import { assertEmptyFolder, type Content, canonicalJson, readFileChecked } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import { exitHeadsSchema, logitAffinesSchema } from "@quee/exit-heads";
import { encodeModel } from "@quee/onnx-codec";
import { accuracyCostFigure } from "@quee/report";
import { affinesFile } from "../stages/correct-heads.js";
import { huggingFaceConfig } from "./hugging-face-config.js";
import { modelCard } from "./model-card.js";
import { labelled } from "./networks.js";
import { packedBlocks } from "./packed-blocks.js";
import { type GrantedWish, grantedWishes, wishesCsv } from "./routing.js";
import { openRunModel, type RunModel, type RunModelRequest } from "./run-model.js";
import { openRunRecord, type RunRecord } from "./run-record.js";

export interface ExportRequest extends RunModelRequest {
  readonly run: string;
  readonly out: string;
  /** Also weights in as many bits as their level has. */
  readonly isPacked: boolean;
  readonly isDryRun: boolean;
  readonly isJson: boolean;
}

/** Fractions of right answers that may be lost, for the card and `eval/operating_points.csv`. */
const drops = [0, 0.005, 0.01, 0.02];

/** Writes a finished run as a model directory. */
export async function exportRun(request: ExportRequest): Promise<void> {
  const { out, arithmetic, isPacked, isDryRun, isJson } = request;
  if (isPacked && arithmetic !== "integer") {
    const expected = "--arithmetic integer, whose weights are codes";
    throw new QueeError({ code: "E_EXPORT", kind: "usage", where: "--packed", expected, got: arithmetic });
  }
  await assertEmptyFolder(out);
  const record = await openRunRecord(request.run);
  const opened = await openRunModel(record, request);
  const { model, swept } = opened;
  const wishes = new Map(
    swept.map(({ named, sweeps }) => [
      named.name,
      grantedWishes(sweeps, { budgets: record.config.budgets, drops, floatTop1: model.floatTop1 }),
    ]),
  );
  const others = await otherFiles(record, opened, wishes);
  const packed = isPacked && !isDryRun ? await packedBlocks(model) : [];
  if (!isDryRun) await writeModelDirectory(out, model, new Map([...others, ...packed]));

  const { exitCount, levels } = model.gates.space;
  const facts = { out: resolve(out), arithmetic: model.arithmetic, exits: exitCount, levels };
  if (isJson) {
    const operatingPoints = wishes.get(record.config.cost.model) ?? [];
    console.log(JSON.stringify({ ...facts, ...(isDryRun ? { dryRun: true } : {}), operatingPoints }));
    return;
  }
  const costs = model.routing.map(({ name }) => name).join(", ");
  const what = `${exitCount} blocks at ${levels.join(", ")} bits (${model.arithmetic}), the full network, gates, costs (${costs})`;
  console.log(`${isDryRun ? "would write" : "wrote"} ${out}: ${what}`);
}

/** What a model directory holds beyond what classifying needs. */
async function otherFiles(
  { folder, config, results }: RunRecord,
  { model, files, full, encodings, prepared, heads, corrected }: RunModel,
  wishes: ReadonlyMap<string, readonly GrantedWish[]>,
): Promise<ReadonlyMap<string, Content>> {
  const [trained, last] = [
    await heads.readJson("heads.json", exitHeadsSchema),
    await prepared.readJson("final-head.json", exitHeadsSchema),
  ];
  const card = modelCard({
    hasCorrectedHeads: corrected !== null,
    ...{ results, arithmetic: model.arithmetic, costs: config.cost.model, space: model.gates.space },
    ...(model.routing[0]?.routesBy === undefined ? {} : { routesBy: model.routing[0].routesBy }),
    wishes: wishes.get(config.cost.model) ?? [],
    floatTop1: { validation: model.floatTop1, test: results.backbone.top1 },
  });
  return new Map<string, Content>([
    ["README.md", card],
    ["config.json", json(await huggingFaceConfig(full.anatomy, results.classes.names, files.file))],
    ["onnx/model.onnx", encodeModel(labelled(full.graph, files.sha256, { kind: "network" }))],
    ["quee/heads.json", json({ ...trained, heads: [...trained.heads, ...last.heads] })],
    ...(corrected === null
      ? []
      : ([["quee/logit-affines.json", json(await corrected.readJson(affinesFile, logitAffinesSchema))]] as const)),
    ["quee/encodings.json", json(encodings)],
    ["eval/results.json", await readFileChecked(join(folder, "results.json"))],
    ["eval/operating_points.csv", wishesCsv(wishes)],
    ["figures/accuracy-cost.svg", accuracyCostFigure(results)],
  ]);
}

function json(value: unknown): string {
  return `${canonicalJson(value, { mode: "lenient", layout: "lines" })}\n`;
}
