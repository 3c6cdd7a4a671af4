import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AdaptiveClassifier } from "@quee/adaptive-classifier";
import { bits, pathKey } from "@quee/core";
import { imageOf } from "@quee/datasets";
import { logitAffinesSchema } from "@quee/exit-heads";
import { mean } from "@quee/metrics";
import { decodeModel } from "@quee/onnx-codec";
import { correctAlong, type PathTable, rowsOf } from "@quee/path-tables";
import { resultsSchema } from "@quee/report";
import { expectAllclose } from "@quee/tooling-testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCorrection } from "../stages/correct-heads.js";
import { openDataset } from "../stages/dataset.js";
import { blockFileOf, float } from "../stages/quantize-blocks.js";
import { openTable } from "../stages/table-files.js";
import { openRunRecord, type RunRecord } from "./run-record.js";
import { smallRun } from "./small-run.test.fixture.js";

const { folder, run, quee, makeRun } = smallRun();
const out = join(folder, "model");
let record: RunRecord;
let plain: PathTable<"test">;
let corrected: PathTable<"test">;
let pictures: readonly { readonly height: number; readonly width: number; readonly data: Uint8Array }[];

beforeAll(async () => {
  makeRun("heads.logits=affine", "live.images=60", "shift.images=10", "shift.kinds=[noise]", "shift.strengths=[1]");
  expect(quee("export", run, "--out", out, "--arithmetic", "fake-quant", "--threads", "1").status).toBe(0);
  record = await openRunRecord(run);
  const [collected, correction] = [
    await record.entry("collect"),
    await readCorrection(await record.entry("correct-heads"), record.config.tables),
  ];
  plain = openTable(collected, "test", "test", record.config);
  corrected = openTable(collected, "test", "test", record.config, correction.answers);
  const { test: images } = await openDataset(record.config.dataset, folder);
  pictures = await Promise.all(
    Array.from({ length: images.count }, async (_, i) => {
      const { height, width, pixels } = await imageOf(images, i);
      const area = height * width;
      const data = Uint8Array.from(pixels, (_, at) => pixels[(at % 3) * area + Math.floor(at / 3)] as number);
      return { height, width, data };
    }),
  );
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every head has its correction, also those that no path of QuEE ends at, and full precision has none", async () => {
  const { heads } = logitAffinesSchema.parse(JSON.parse(readFileSync(join(out, "quee/logit-affines.json"), "utf8")));
  const names = heads.map(({ exit, bits: level }) => `${exit}@${level}`);
  expect(names.sort()).toEqual(["1@5", "1@8", "2@5", "2@8"]);
  expect(readFileSync(join(out, "README.md"), "utf8")).toContain(
    "have a scale and biases that validation images fitted",
  );
  const whole = [float, float];
  expect(corrected.probabilities(whole)).toEqual(plain.probabilities(whole));
  const low = [bits(8), bits(5)];
  expect(corrected.probabilities(low)).not.toEqual(plain.probabilities(low));
});

test("run live, blocks with corrected heads decide as the replay of corrected tables", async () => {
  const live = await (await record.entry("evaluate")).read("live.json");
  expect(JSON.parse(new TextDecoder().decode(live))).toMatchObject({ images: 60, differences: 0 });
});

test("rivals answer with the same corrected heads, on the paths of QuEE and on their own", async () => {
  const { curves } = resultsSchema.parse(JSON.parse(readFileSync(join(run, "results.json"), "utf8")));
  const points = curves.find(({ method }) => method === "static-ptq")?.points ?? [];
  const correction = await readCorrection(await record.entry("correct-heads"), record.config.tables);
  const beyond = openTable(await record.entry("collect-rivals"), "test", "test", record.config, correction.answers);
  for (const level of [8, 5].map(bits)) {
    const table = level === 8 ? corrected : beyond;
    expect(points.find(({ setting }) => setting === level)?.top1).toBe(mean(correctAlong(table, [level, level])));
  }
});

test("the exported classifier answers with the probabilities of corrected tables, and as rightly as the replay says", async () => {
  const [header = "", ...rows] = readFileSync(join(out, "eval/operating_points.csv"), "utf8").trim().split("\n");
  const column = (row: string, name: string) => Number(row.split(",")[header.split(",").indexOf(name)]);
  const classifier = await AdaptiveClassifier.load(out);
  try {
    const taken = new Set<string>();
    for (const row of rows.filter((one) => one.startsWith("with-stem"))) {
      const answers = await classifier.classify(pictures, { lambda: column(row, "lambda") });
      for (const [i, { path, probabilities }] of answers.entries()) {
        expectAllclose(probabilities, rowsOf(corrected, path, [i]), { rtol: 1e-2, atol: 1e-3 });
        taken.add(pathKey(path));
      }
      const right = answers.filter((answer, i) => answer.class === corrected.labels[i]).length;
      expect(right / answers.length).toBeCloseTo(column(row, "test_top1"), 10);
      const cost = answers.reduce((sum, answer) => sum + answer.cost, 0) / answers.length;
      expect(cost).toBeCloseTo(column(row, "test_cost"), 10);
    }
    expect(taken.size).toBeGreaterThan(1);
  } finally {
    await classifier.close();
  }
});

test.each(["fake-quant", "integer"] as const)("%s blocks have the two operators behind their heads", async (kind) => {
  const folderOf = kind === "fake-quant" ? out : join(folder, kind);
  if (kind === "integer") expect(quee("export", run, "--out", folderOf, "--threads", "1").status).toBe(0);
  for (const name of ["block_01_w8a8", "block_02_w8a8", "block_02_w5a5"]) {
    const { nodes } = decodeModel(readFileSync(join(folderOf, `onnx/quee/${name}.onnx`)));
    expect(nodes.slice(-2).map(({ op }) => op)).toEqual(["Mul", "Add"]);
  }
  const ops = decodeModel(await (await record.entry("quantize-blocks")).read(blockFileOf(2, float))).nodes;
  expect(ops.at(-1)?.op).toBe("Add");
  expect(ops.at(-2)?.op).toBe("MatMul");
});
