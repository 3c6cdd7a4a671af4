import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AdaptiveClassifier, readModelDirectory } from "@quee/adaptive-classifier";
import { bits } from "@quee/core";
import { latencyTableSchema } from "@quee/cost-model";
import { decodeModel } from "@quee/onnx-codec";
import { openSession } from "@quee/onnx-session";
import type { Tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { smallRun } from "../export/small-run.test.fixture.js";
import { encodingsSchema } from "../stages/quantize-blocks.js";
import type { BenchResult } from "./bench-report.js";
import { staticNetwork } from "./static-network.js";

const { folder, run, quee, makeRun } = smallRun();
beforeAll(() => makeRun(), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a bench measures every contestant in every cell, and its latency table routes an exported model", async () => {
  const cells = ["--images", "12", "--rounds", "1", "--batches", "1,4", "--workers", "1"];
  const more = ["--calibrate", "--soak", "40", "--json"];
  const { status, stdout, stderr } = quee("bench", "small.yaml", "--run", run, ...cells, ...more);
  expect([status, stderr.includes("error")]).toEqual([0, false]);
  const result: BenchResult = JSON.parse(stdout);
  const names = [
    "raw export",
    "cleaned fp32",
    "static int8",
    "threshold",
    "quee-0.5pt",
    "quee-1pt",
    "quee-2pt",
    "quee-1pt-time",
  ];
  expect(result.contestants.map(({ name }) => name)).toEqual(names);
  expect(result.throughput.map(({ contestant, batchSize }) => `${contestant} ${batchSize}`)).toEqual(
    [1, 4].flatMap((size) => names.map((name) => `${name} ${size}`)),
  );
  for (const { imagesPerSecond, gateShare } of result.throughput) {
    expect(imagesPerSecond.median).toBeGreaterThan(0);
    expect(gateShare).toBeLessThan(0.5);
  }
  // Cleaning changes no answer.
  const top1 = new Map(result.throughput.map((one) => [one.contestant, one.top1]));
  expect(top1.get("cleaned fp32")).toBe(top1.get("raw export"));
  for (const { sortedMs, p50, p99 } of result.latency) {
    expect(sortedMs).toHaveLength(12);
    expect(p99).toBeGreaterThanOrEqual(p50);
  }
  expect(result.soak?.images).toBe(40);
  expect(result.memory.map(({ contestant }) => contestant)).toEqual(names);
  const memoryOf = (name: string) => result.memory.find(({ contestant }) => contestant === name)?.growthBytes ?? 0;
  for (const name of names) expect(memoryOf(name)).toBeGreaterThan(0);
  expect(result.calibration?.additivity.map(({ batchSize, result: { paths } }) => [batchSize, paths.length])).toEqual([
    [1, 3],
    [4, 3],
  ]);

  const latency = join(run, "bench", "latency.json");
  const table = latencyTableSchema.parse(JSON.parse(readFileSync(latency, "utf8")));
  expect(table.blocks.map(({ block, bits: level, batchSize }) => `${block}@${level} ${batchSize}`)).toEqual(
    [1, 4].flatMap((size) => ["1@8", "2@8", "2@5"].map((model) => `${model} ${size}`)),
  );
  expect(readFileSync(join(run, "bench", "bench.md"), "utf8")).toContain("## BitOPs beside measured time");
  expect(result.calibration?.operators.map(({ block, batchSize }) => [block, batchSize])).toEqual([
    [1, 4],
    [2, 4],
  ]);
  expect(result.agreement.map(({ bits: level, images }) => [level, images])).toEqual([
    [8, 12],
    [5, 12],
  ]);
  for (const { integers, otherFloats } of result.agreement)
    expect(Math.min(integers, otherFloats)).toBeGreaterThan(0.8);
  for (const { times } of result.calibration?.operators ?? [])
    expect(times.map(({ op }) => op)).toContain("MatMulIntegerToFloat");
  const figure = (name: string) => readFileSync(join(run, "bench", name), "utf8");
  for (const name of ["throughput.svg", "latency.svg", "bitops-time.svg"]) expect(figure(name)).toContain("<svg");
  for (const name of names) expect(figure("throughput.svg")).toContain(`>${name}</text>`);
  expect(figure("throughput.svg")).toContain("batch 4, 1 worker of one thread");
  const out = join(folder, "timed");
  expect(quee("export", run, "--out", out, "--latency", latency, "--latency-batch", "4", "--threads", "1").status).toBe(
    0,
  );
  const classifier = await AdaptiveClassifier.load(out, { costs: "latency" });
  await classifier.close();
  expect(
    quee("export", run, "--out", join(folder, "x"), "--arithmetic", "fake-quant", "--latency", latency).status,
  ).toBe(2);
}, 120_000);

test("the whole network at one bit-width says what its blocks say one after the other", async () => {
  const out = join(folder, "model");
  expect(quee("export", run, "--out", out, "--arithmetic", "fake-quant", "--threads", "1").status).toBe(0);
  const { block, imageShape } = await readModelDirectory(out);
  const whole = decodeModel(readFileSync(join(out, "onnx/model.onnx")));
  const encodings = encodingsSchema.parse(JSON.parse(readFileSync(join(out, "quee/encodings.json"), "utf8")));
  const image = {
    shape: [2, ...imageShape],
    data: Float32Array.from({ length: 2 * 3 * 32 * 32 }, (_, i) => Math.sin(i / 7)),
  };
  const runModel = async (model: Parameters<typeof openSession>[0], feeds: Record<string, Tensor>) => {
    const session = await openSession(model);
    try {
      return (await session.run(feeds)) as Record<string, Tensor>;
    } finally {
      await session.release();
    }
  };
  const first = await runModel(await block(1, bits(8)), { pixel_values: image });
  const last = await runModel(await block(2, bits(8)), { hidden_states_in: first["hidden_states"] as Tensor });
  for (const arithmetic of ["fake-quant", "integer"] as const) {
    const network = staticNetwork(whole, encodings, bits(8), { arithmetic, weights: "int8" });
    const { logits } = await runModel(network, { pixel_values: image });
    expectAllclose((logits as Tensor).data, (last["logits"] as Tensor).data, {
      rtol: 0.02,
      atol: arithmetic === "integer" ? 0.1 : 1e-3,
    });
  }
});
