import type { Environment } from "../run/machine.js";
import type { Agreement } from "./agreement.js";
import type { Calibration } from "./calibrate.js";
import type { Contestant } from "./contestants.js";
import { type Spread, spreadOf } from "./interleave.js";
import type { Latency, Throughput } from "./measure-cells.js";
import type { Memory } from "./model-memory.js";
import type { Soak } from "./soak.js";

/** `bench.json`: everything that was measured. */
export interface BenchResult {
  readonly schemaVersion: 1;
  readonly run: string;
  readonly arithmetic: string;
  readonly images: number;
  readonly rounds: number;
  readonly machine: Environment;
  readonly contestants: readonly (Pick<Contestant, "name" | "words"> & { readonly modelBytes: number })[];
  readonly throughput: readonly Throughput[];
  readonly latency: readonly Latency[];
  readonly memory: readonly Memory[];
  readonly calibration: Calibration | null;
  /** Empty without a calibration, or where blocks compute in rounded floats. */
  readonly agreement: readonly Agreement[];
  readonly soak: Soak | null;
}

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const percent = (fraction: number, digits = 1) => `${(100 * fraction).toFixed(digits)} %`;
const shown = ({ median, least, most }: Spread) => `${median.toFixed(0)} (${least.toFixed(0)}–${most.toFixed(0)})`;

/** `bench.md` */
export function benchMarkdown(result: BenchResult): string {
  const { run, arithmetic, images, rounds, machine, contestants } = result;
  return [
    `# Bench of ${run}`,
    "",
    `${images.toLocaleString("en")} test images, ${rounds} rounds after one to warm up, all contestants in turn in one process; medians (least–most). ` +
      `${machine.cpu}, ${machine.cores} cores, onnxruntime ${machine.onnxruntime}, Node ${machine.node}. Quantized blocks: ${arithmetic}. ` +
      "Preprocessing is not part of it.",
    "",
    ...contestants.map(({ name, words, modelBytes }) => `* ${name}: ${words}; ${megabytes(modelBytes)} of models`),
    "",
    ...throughputTables(result),
    ...latencyTable(result),
    ...memoryTable(result),
    ...calibrationTables(result),
    ...agreementTable(result),
    ...soakLines(result),
  ].join("\n");
}

function throughputTables({ throughput, contestants }: BenchResult): readonly string[] {
  const workers = [...new Set(throughput.map((one) => one.workers))];
  const batches = [...new Set(throughput.map((one) => one.batchSize))];
  return workers.flatMap((count) => {
    const cell = (name: string, batchSize: number) =>
      throughput.find((one) => one.contestant === name && one.workers === count && one.batchSize === batchSize);
    return [
      `## Images per second, ${count} worker${count === 1 ? "" : "s"} of one thread`,
      "",
      `| | ${batches.map((size) => `batch ${size}`).join(" | ")} | top-1 | gates (batch ${batches.at(-1)}) |`,
      `| --- |${" ---: |".repeat(batches.length + 2)}`,
      ...contestants.map(({ name }) => {
        const last = cell(name, batches.at(-1) ?? 0);
        const rates = batches.map((size) => shown(cell(name, size)?.imagesPerSecond ?? spreadOf([])));
        return `| ${name} | ${rates.join(" | ")} | ${percent(last?.top1 ?? 0)} | ${percent(last?.gateShare ?? 0, 2)} |`;
      }),
      "",
    ];
  });
}

function latencyTable({ latency }: BenchResult): readonly string[] {
  if (latency.length === 0) return [];
  return [
    "## Milliseconds of a single image",
    "",
    "| | p50 | p95 | p99 |",
    "| --- | ---: | ---: | ---: |",
    ...latency.map(
      ({ contestant, p50, p95, p99 }) =>
        `| ${contestant} | ${p50.toFixed(2)} | ${p95.toFixed(2)} | ${p99.toFixed(2)} |`,
    ),
    "",
  ];
}

function memoryTable({ memory }: BenchResult): readonly string[] {
  if (memory.length === 0) return [];
  return [
    "## Memory of the models, all opened by one worker and run at batch 32, each contestant's in a process of their own",
    "",
    "| | most, less the empty process |",
    "| --- | ---: |",
    ...memory.map(({ contestant, growthBytes }) => `| ${contestant} | ${megabytes(growthBytes)} |`),
    "",
  ];
}

function calibrationTables({ calibration }: BenchResult): readonly string[] {
  if (calibration === null) return [];
  const sizes = [...new Set(calibration.comparison.map(({ batchSize }) => batchSize))];
  const largest = Math.max(...sizes);
  const rows = calibration.comparison.filter(({ batchSize }) => batchSize === largest);
  return [
    "## BitOPs beside measured time",
    "",
    `Per image at batch ${largest}; shares are of the same block at its most bits. BitOPs fall with the bits; on a CPU nothing runs faster below 8 bits, so time does not.`,
    "",
    "| block | bits | M BitOPs | share | ms | share |",
    "| ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows.map(({ block, bits, bitOps, milliseconds }) => {
      const full = rows.find((one) => one.block === block);
      const share = (value: number, whole: number | undefined) => percent(value / (whole ?? value), 0);
      return `| ${block} | ${bits} | ${(bitOps / 1e6).toFixed(1)} | ${share(bitOps, full?.bitOps)} | ${milliseconds.toFixed(4)} | ${share(milliseconds, full?.milliseconds)} |`;
    }),
    "",
    "Whole paths against the sum of their parts:",
    "",
    "| batch | paths | R² | mean error | largest error |",
    "| ---: | ---: | ---: | ---: | --- |",
    ...calibration.additivity.map(({ batchSize, result: { rSquared, meanRelativeError, largest: worst, paths } }) => {
      return `| ${batchSize} | ${paths.length} | ${rSquared.toFixed(4)} | ${percent(meanRelativeError)} | ${percent(worst.relativeError)} (${worst.path}) |`;
    }),
    "",
    ...operatorTable(calibration.operators),
  ];
}

function agreementTable({ agreement }: BenchResult): readonly string[] {
  const [first] = agreement;
  if (first === undefined) return [];
  return [
    "## The same answers",
    "",
    `Of ${first.images.toLocaleString("en")} test images, by the whole network at one level, stem too. A sum that lands on the other side of a tie changes a code; rounded floats in other kernels meet that as well.`,
    "",
    "| bits | integers as rounded floats | rounded floats as themselves in other kernels |",
    "| ---: | ---: | ---: |",
    ...agreement.map(
      ({ bits, integers, otherFloats }) => `| ${bits} | ${percent(integers, 2)} | ${percent(otherFloats, 2)} |`,
    ),
    "",
  ];
}

/** Kinds of operators that take less than this of every block share a row. */
const leastShare = 0.02;

function operatorTable(operators: Calibration["operators"]): readonly string[] {
  const [first] = operators;
  if (first === undefined) return [];
  const kinds = new Map<string, number[]>();
  for (const [i, { times }] of operators.entries()) {
    for (const { op, microseconds } of times) {
      const row = kinds.get(op) ?? operators.map(() => 0);
      kinds.set(op, row);
      row[i] = (row[i] ?? 0) + microseconds;
    }
  }
  const sum = (rows: readonly (readonly number[])[]) =>
    operators.map((_, i) => rows.reduce((total, row) => total + (row[i] ?? 0), 0));
  const totals = sum([...kinds.values()]);
  const ofAllBlocks = (row: readonly number[]) => row.reduce((total, time) => total + time, 0);
  const isLarge = (row: readonly number[]) => row.some((time, i) => time >= leastShare * (totals[i] ?? 0));
  const large = [...kinds].filter(([, row]) => isLarge(row));
  const rest = sum([...kinds.values()].filter((row) => !isLarge(row)));
  const rows = [
    ...large.toSorted(([, a], [, b]) => ofAllBlocks(b) - ofAllBlocks(a)),
    ["others", rest] as const,
    ["all", totals] as const,
  ];
  const shownTime = (time: number, i: number) =>
    `${(time / 1000).toFixed(2)} | ${percent(time / Math.max(totals[i] ?? 0, 1e-9), 0)}`;
  return [
    `Where the time of a block goes: milliseconds by operator at batch ${first.batchSize} and ${first.bits} bits, by the profiler of onnxruntime, block 1 with the stem:`,
    "",
    `| | ${operators.map(({ block }) => `block ${block} | share`).join(" | ")} |`,
    `| --- |${" ---: |".repeat(2 * operators.length)}`,
    ...rows.map(([op, row]) => `| ${op} | ${row.map(shownTime).join(" | ")} |`),
    "",
  ];
}

function soakLines({ soak }: BenchResult): readonly string[] {
  if (soak === null) return [];
  const { images, workers, seconds, rssBytes } = soak;
  return [
    "## Memory while images pass",
    "",
    `${images.toLocaleString("en")} images through one classifier of ${workers} worker${workers === 1 ? "" : "s"} in ${seconds.toFixed(0)} s. Resident memory after each tenth: ${rssBytes.map(megabytes).join(", ")}.`,
    "",
  ];
}
