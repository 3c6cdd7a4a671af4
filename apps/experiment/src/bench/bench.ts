import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { AdaptiveModel, RouterSetting } from "@quee/adaptive-classifier";
import { canonicalJson, writeFileAtomically, writeJson } from "@quee/artifacts";
import { type Bits, legalPaths, QueeError } from "@quee/core";
import { type LatencyTable, latencyTableSchema, levelsThatPay } from "@quee/cost-model";
import { narrowGates } from "@quee/gate-predictors";
import { decodeModel, encodeModel } from "@quee/onnx-codec";
import { exactWeightType, runtimeVersion } from "@quee/onnx-session";
import { accuracySpeedFigure, bitOpsTimeFigure, latencyDistributionFigure, type SpeedPoint } from "@quee/report";
import { configsFolder } from "../bundled.js";
import { loadConfig } from "../config/load-config.js";
import { grantedWishes, latencyCosts, routingTable } from "../export/routing.js";
import { openRunModel, type RunModel } from "../export/run-model.js";
import { openRunRecord } from "../export/run-record.js";
import { type Environment, environment } from "../run/machine.js";
import { openProgress } from "../run/open-progress.js";
import { type Agreement, agreementAt } from "./agreement.js";
import { type BenchResult, benchMarkdown } from "./bench-report.js";
import { type Calibration, calibrate } from "./calibrate.js";
import {
  type Contestant,
  routedContestant,
  thresholdContestant,
  thresholdFor,
  wholeContestant,
} from "./contestants.js";
import { type BenchImages, benchImages } from "./images.js";
import { measureCell, measureLatency, type Throughput } from "./measure-cells.js";
import { type Memory, modelMemory } from "./model-memory.js";
import { soak } from "./soak.js";
import { staticNetwork } from "./static-network.js";

export interface BenchRequest {
  readonly config: string;
  readonly overrides: readonly string[];
  /** The run of the config; by default where `quee run` puts it. */
  readonly run?: string;
  readonly out?: string;
  readonly arithmetic: "integer" | "fake-quant";
  readonly images: number;
  readonly rounds: number;
  readonly batches: readonly number[];
  readonly workers: readonly number[];
  /** Names of contestants; all where it is not given. */
  readonly only?: readonly string[];
  readonly isCalibrating: boolean;
  /** Images of the long run; 0 for none. */
  readonly soakImages: number;
  readonly isComparingMemory: boolean;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
}

type Swept = RunModel["swept"][number];

/** Fractions of right answers that adaptive contestants may lose on validation images, against full precision. */
const drops = [0.005, 0.01, 0.02];
const routedPrefix = "quee-";
const routedName = (drop: number) => `${routedPrefix}${100 * drop}pt`;
/** The one that figures show in front. */
const mainName = routedName(0.01);
const timedName = `${mainName}-time`;
/** Full precision, for the figure of accuracy and speed. */
const referenceName = "cleaned fp32";

/** Measures a finished run beside its rivals, all in turn in one process. */
export async function bench(request: BenchRequest): Promise<void> {
  const { signal, rounds, isJson } = request;
  const { config, hash } = loadConfig(request.config, request.overrides, configsFolder);
  const folder = request.run ?? join("runs", `${config.name}-${hash}`);
  const progress = openProgress();
  const machine = environment(1, runtimeVersion);
  const { model, setting, images, calibration, agreement, contestants } = await subjectsOf(folder, machine, request);
  const options = { contestants, images, rounds, signal };
  const throughput: Throughput[] = [];
  for (const workers of request.workers) {
    for (const batchSize of request.batches) {
      progress.line(`${workers} × 1 thread, batch ${batchSize}`);
      throughput.push(...(await measureCell({ workers, batchSize }, options)));
    }
  }
  progress.line("single images");
  const latency = await measureLatency({ ...options, images: { ...images, count: Math.min(images.count, 400) } });
  const memory: Memory[] = [];
  for (const contestant of request.isComparingMemory ? contestants : []) {
    progress.line(`memory of ${contestant.name}`);
    memory.push(await modelMemory(contestant, signal));
  }
  const { soakImages } = request;
  const workers = Math.max(...request.workers);
  const long = { count: soakImages, workers, setting, signal };
  const result: BenchResult = {
    ...{
      schemaVersion: 1 as const,
      run: folder,
      arithmetic: request.arithmetic,
      images: images.count,
      rounds,
      machine,
    },
    contestants: contestants.map(({ name, words, models }) => ({ name, words, modelBytes: sizeOf(models) })),
    ...{ throughput, latency, memory, calibration, agreement },
    soak: soakImages === 0 ? null : await soak(model, images, long),
  };
  await publish(result, request.out ?? join(folder, "bench"));
  console.log(isJson ? JSON.stringify(result) : benchMarkdown(result));
}

interface Subjects {
  readonly model: AdaptiveModel;
  /** Loses a point at most. */
  readonly setting: RouterSetting;
  readonly images: BenchImages;
  readonly calibration: Calibration | null;
  readonly agreement: readonly Agreement[];
  readonly contestants: readonly Contestant[];
}

/** What is measured. The tables that settings were chosen on stay behind, as a service has none: collecting garbage among them takes time. */
async function subjectsOf(folder: string, machine: Environment, request: BenchRequest): Promise<Subjects> {
  const record = await openRunRecord(folder);
  const opened = await openRunModel(record, { ...request, latencyBatch: 32, threads: 1 });
  const { model } = opened;
  const images = await benchImages(record.config, opened, request.images, resolve(process.env["QUEE_DATA"] ?? "data"));
  if (request.isCalibrating) openProgress().line("blocks, gates and paths one by one");
  const calibration = request.isCalibrating
    ? await calibrate({
        ...{ model, images, batchSizes: request.batches, rounds: Math.max(request.rounds, 5) },
        ...{ machine: `${machine.cpu}, onnxruntime ${runtimeVersion}`, signal: request.signal },
      })
    : null;
  const timed = calibration === null ? [] : [await timedContestant(opened, calibration.table)];
  const contestants = chosenOf([...(await contestantsOf(opened)), ...timed], request.only);
  const hasTwoArithmetics = request.isCalibrating && model.arithmetic === "integer";
  const agreement = hasTwoArithmetics ? await agreementAt(opened, images, request.signal) : [];
  return { model, setting: settingOf(opened, 0.01), images, calibration, agreement, contestants };
}

async function publish(result: BenchResult, out: string): Promise<void> {
  mkdirSync(out, { recursive: true });
  const { calibration, latency, machine } = result;
  const text = canonicalJson(result, { mode: "lenient", layout: "lines" });
  await writeFileAtomically(join(out, "bench.json"), `${text}\n`);
  await writeFileAtomically(join(out, "bench.md"), benchMarkdown(result));
  const write = async (name: string, figure: string | null) => {
    if (figure !== null) await writeFileAtomically(join(out, name), figure);
  };
  const { points, caption } = speedOf(result);
  await write("throughput.svg", accuracySpeedFigure(points, caption));
  const series = latency.map(({ contestant: name, sortedMs }) => ({ name, sortedMs, isMain: name === mainName }));
  await write("latency.svg", latencyDistributionFigure(series, machine.cpu));
  if (calibration === null) return;
  await writeJson(join(out, "latency.json"), latencyTableSchema, calibration.table);
  const largest = Math.max(...calibration.comparison.map(({ batchSize }) => batchSize));
  const rows = calibration.comparison.filter(({ batchSize }) => batchSize === largest);
  await write("bitops-time.svg", bitOpsTimeFigure(rows, `batch ${largest}, one thread of ${machine.cpu}`));
}

/** One worker, or the fewest, and batches of 32 or the nearest size. */
function speedOf({ throughput, machine }: BenchResult): { points: readonly SpeedPoint[]; caption: string } {
  const workers = Math.min(...throughput.map((one) => one.workers));
  const few = throughput.filter((one) => one.workers === workers);
  const sizes = few.map((one) => one.batchSize);
  const [batchSize = 32] = sizes.sort((a, b) => Math.abs(a - 32) - Math.abs(b - 32));
  const points = few
    .filter((one) => one.batchSize === batchSize)
    .map(({ contestant: name, imagesPerSecond, top1 }): SpeedPoint => {
      return { name, imagesPerSecond, top1, kind: kindOf(name), isReference: name === referenceName };
    });
  return {
    points,
    caption: `batch ${batchSize}, ${workers} worker${workers === 1 ? "" : "s"} of one thread; ${machine.cpu}`,
  };
}

function sizeOf(models: readonly Uint8Array[]): number {
  return models.reduce((sum, { length }) => sum + length, 0);
}

function kindOf(name: string): SpeedPoint["kind"] {
  if (name.startsWith(routedPrefix)) return "routed";
  return name === "threshold" ? "rival" : "whole";
}

async function contestantsOf(opened: RunModel): Promise<readonly Contestant[]> {
  const { model, files, full, encodings, validation, correction } = opened;
  const { arithmetic } = model;
  const level = Math.max(...model.gates.space.levels) as Bits;
  const raw = decodeModel(files.bytes, { file: files.file });
  const rawPorts = { input: raw.inputs[0]?.name ?? "", output: raw.outputs[0]?.name ?? "" };
  const ports = { input: "pixel_values", output: "logits" };
  const whole = staticNetwork(full.graph, encodings, level, { arithmetic, weights: await exactWeightType() });
  const fixed = encodeModel(correction.graph(whole, model.gates.space.exitCount, level));
  const blocks = await modelsOf(model, model.gates.space.levels);
  const threshold = thresholdFor(model, validation, level, 0.01);
  return [
    wholeContestant("raw export", "the file as it was exported, float32", files.bytes, rawPorts),
    wholeContestant(referenceName, "the same network cleaned, float32", encodeModel(full.graph), ports),
    wholeContestant(
      `static int${level}`,
      `the whole network, stem too, at ${level} bits (${arithmetic})`,
      fixed,
      ports,
    ),
    thresholdContestant(model, { threshold, level }, await modelsOf(model, [level])),
    ...drops.map((drop) => {
      const words = `λ that loses at most ${100 * drop} points on validation images`;
      return routedContestant(routedName(drop), words, model, settingOf(opened, drop), blocks);
    }),
  ];
}

/**
 * QuEE whose λ weighs what `calibrate` measured, batches of 32 or the nearest size, in place of BitOPs, and that leaves out the levels which
 * save no time. The same gates.
 */
async function timedContestant(opened: RunModel, table: LatencyTable): Promise<Contestant> {
  const { model, sweepOver } = opened;
  const paying = levelsThatPay({ table, batchSize: 32, levels: model.gates.space.levels });
  const gates = narrowGates(model.gates, paying);
  const named = latencyCosts(table, gates.space, model.arithmetic, 32);
  const sweeps = sweepOver(named, gates);
  const timed = { ...model, gates, routing: [routingTable(named, sweeps, gates.space)] };
  const words = `the same accuracy, λ weighs measured time, at the levels that save some: ${paying.join(", ")} bits`;
  return routedContestant(
    timedName,
    words,
    timed,
    settingOf({ model: timed, swept: [{ sweeps }] }, 0.01),
    await modelsOf(timed, paying),
  );
}

/** The setting for an accuracy drop, by the first costs; where none is small enough, the nearest. */
function settingOf(
  { swept, model }: { readonly model: RunModel["model"]; readonly swept: readonly Pick<Swept, "sweeps">[] },
  drop: number,
): RouterSetting {
  const [first] = swept;
  const [wish] =
    first === undefined ? [] : grantedWishes(first.sweeps, { budgets: [], drops: [drop], floatTop1: model.floatTop1 });
  if (wish === undefined) return { lambda: 0 };
  const { lambda, firstBits } = wish;
  return { lambda, ...(model.gates.space.firstBlock === "any" ? { firstBits } : {}) };
}

/** What a worker opens: what no path runs, none does. */
async function modelsOf(model: AdaptiveModel, levels: readonly Bits[]): Promise<readonly Uint8Array[]> {
  const { space } = model.gates;
  const models: Uint8Array[] = [];
  for (let block = 1; block <= space.exitCount; block++) {
    const runs = new Set(legalPaths(space).map((path) => path[block - 1]));
    for (const level of levels) if (runs.has(level)) models.push(await model.block(block, level));
  }
  return models;
}

function chosenOf(contestants: readonly Contestant[], only: readonly string[] | undefined): readonly Contestant[] {
  const stranger = only?.find((name) => contestants.every((one) => one.name !== name));
  if (stranger !== undefined) {
    const expected = `some of ${contestants.map(({ name }) => name).join(", ")}`;
    throw new QueeError({ code: "E_CONTESTANT", kind: "usage", where: "--only", expected, got: stranger });
  }
  return only === undefined ? contestants : contestants.filter(({ name }) => only.includes(name));
}
