import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { AdaptiveClassifier, readModelDirectory } from "@quee/adaptive-classifier";
import { type Bits, bits, pathKey } from "@quee/core";
import { syntheticDigits } from "@quee/datasets";
import { decodeModel } from "@quee/onnx-codec";
import { openSession } from "@quee/onnx-session";
import { packedWeightsSchema, unpackWeights } from "@quee/ptq4vit-quantizer";
import type { Tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { smallRun } from "./small-run.test.fixture.js";

const { folder, run, quee, makeRun } = smallRun();
const out = join(folder, "model");

beforeAll(() => {
  makeRun();
  expect(quee("export", run, "--out", out, "--packed", "--threads", "1").status).toBe(0);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("an exported run", () => {
  const images = syntheticDigits({ seed: 1, role: "test", count: 12 });
  const pictures = Array.from({ length: images.count }, (_, i) => {
    const planes = images.image(i);
    const [, height, width] = images.imageShape;
    const area = height * width;
    return {
      width,
      height,
      data: Uint8Array.from(planes, (_value, at) => planes[(at % 3) * area + Math.floor(at / 3)] as number),
    };
  });

  test("classifies within a budget, at the accuracy drop that is asked for, and on integer blocks", async () => {
    const model = await readModelDirectory(out);
    expect(model.arithmetic).toBe("integer");
    expect(model.routing.map(({ name }) => name)).toEqual(["with-stem", "blocks-only", "weights-times-activations"]);
    const ops = new Set(decodeModel(await model.block(2, bits(5))).nodes.map(({ op }) => op));
    expect(ops).toContain("MatMulIntegerToFloat");
    const classifier = await AdaptiveClassifier.load(out);
    try {
      const cheap = await classifier.classify(pictures, { lambda: Number.POSITIVE_INFINITY });
      expect(cheap.map(({ path }) => pathKey(path))).toEqual(new Array(12).fill("8"));
      const dear = await classifier.classify(pictures, { accuracyDrop: 1 });
      expect(dear.every(({ bitOps, className }) => (bitOps ?? 0) > 0 && /^\d$/.test(className ?? ""))).toBe(true);
    } finally {
      await classifier.close();
    }
  });

  test("holds the network in full precision, and its blocks at the most bits say nearly the same", async () => {
    const { classNames, imageShape, block } = await readModelDirectory(out);
    const whole = decodeModel(readFileSync(join(out, "onnx/model.onnx")));
    expect([whole.inputs[0]?.name, whole.outputs[0]?.name]).toEqual(["pixel_values", "logits"]);
    expect(whole.metadata.get("quee.kind")).toBe("network");
    const config = JSON.parse(readFileSync(join(out, "config.json"), "utf8"));
    expect(config).toMatchObject({
      model_type: "vit",
      num_labels: 10,
      hidden_size: 96,
      num_attention_heads: 3,
      patch_size: 4,
    });
    expect(Object.values(config.id2label)).toEqual(classNames);
    const pixels: Tensor = {
      shape: [1, ...imageShape],
      data: Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => Math.sin(i / 7)),
    };
    const run = async (model: Uint8Array, feeds: Record<string, Tensor>) => {
      const session = await openSession(model);
      try {
        return (await session.run(feeds)) as Record<string, Tensor>;
      } finally {
        await session.release();
      }
    };
    const expected = (await run(readFileSync(join(out, "onnx/model.onnx")), { pixel_values: pixels }))[
      "logits"
    ] as Tensor;
    const first = await run(await block(1, bits(8)), { pixel_values: pixels });
    const last = await run(await block(2, bits(8) as Bits), { hidden_states_in: first["hidden_states"] as Tensor });
    expectAllclose((last["logits"] as Tensor).data, expected.data, { rtol: 0.1, atol: 0.5 });
  });

  test("is opened by the twenty lines of plain onnxruntime in the README", async () => {
    const readme = readFileSync(
      join(import.meta.dirname, "../../../../packages/adaptive-classifier/README.md"),
      "utf8",
    );
    const script = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    expect(script.split("\n").length).toBeLessThanOrEqual(24);
    const project = join(folder, "plain");
    mkdirSync(join(project, "node_modules"), { recursive: true });
    const session = createRequire(join(import.meta.dirname, "../../../../packages/onnx-session/package.json"));
    const runtime = session
      .resolve("onnxruntime-node")
      .replace(/(.*[\\/]node_modules[\\/]onnxruntime-node)[\\/].*/, "$1");
    symlinkSync(runtime, join(project, "node_modules", "onnxruntime-node"));
    writeFileSync(join(project, "open.mjs"), script);
    const { status, stdout } = spawnSync(process.execPath, ["open.mjs", out], { cwd: project, encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^full precision: \d\nexit 1 at 8 bits: \d\nexit 2 at 8 bits: \d\n$/);
  });

  test("has weights below 8 bits packed beside the bytes, the same codes", async () => {
    expect(readdirSync(join(out, "packed")).sort()).toEqual(["block_02_w5.bin", "block_02_w5.json"]);
    const graph = decodeModel(await (await readModelDirectory(out)).block(2, bits(5)));
    const where = packedWeightsSchema.parse(JSON.parse(readFileSync(join(out, "packed/block_02_w5.json"), "utf8")));
    const bytes = readFileSync(join(out, "packed/block_02_w5.bin"));
    const codes = where.reduce((sum, { dims: [from = 0, to = 0] }) => sum + from * to, 0);
    expect(bytes.length / codes).toBeCloseTo(5 / 8, 2);
    const bare = {
      ...graph,
      initializers: new Map([...graph.initializers].filter(([name]) => where.every((one) => one.name !== name))),
    };
    expect(unpackWeights({ graph: bare, weights: where, bytes }).initializers).toEqual(graph.initializers);
  });

  test("is refused by name when a file of it is damaged", async () => {
    const copy = join(folder, "damaged");
    expect(quee("export", run, "--out", copy, "--arithmetic", "fake-quant", "--threads", "1").status).toBe(0);
    appendFileSync(join(copy, "onnx/model.onnx"), "x");
    await expect(AdaptiveClassifier.load(copy)).rejects.toMatchObject({
      kind: "artifact",
      file: join(copy, "onnx/model.onnx"),
    });
  });

  test("comes with a card, a curve and operating points that were chosen on validation images", () => {
    const card = readFileSync(join(out, "README.md"), "utf8");
    expect(card).toContain("figures/accuracy-cost.svg");
    expect(readFileSync(join(out, "figures/accuracy-cost.svg"), "utf8")).toContain("<svg");
    const rows = readFileSync(join(out, "eval/operating_points.csv"), "utf8").trim().split("\n");
    expect(rows).toHaveLength(1 + 3 * (3 + 4));
    for (const row of rows.slice(1)) {
      const [, wish, value, isReached, , , cost] = row.split(",");
      if (wish === "budget" && isReached === "true") expect(Number(cost)).toBeLessThanOrEqual(Number(value));
    }
  });
});

describe("quee export", () => {
  test("refuses a folder with files, a run that is none, and writes nothing in a dry run", () => {
    expect(quee("export", run, "--out", out)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("one with files"),
    });
    expect(quee("export", folder, "--out", join(folder, "x"))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("no run"),
    });
    expect(quee("export", run, "--out", join(folder, "x"), "--packed", "--arithmetic", "fake-quant")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/--packed: expected --arithmetic integer/),
    });
    const dry = quee("export", run, "--out", join(folder, "x"), "--dry-run", "--json", "--threads", "1");
    expect(dry.status).toBe(0);
    expect(JSON.parse(dry.stdout)).toMatchObject({ dryRun: true, exits: 2, levels: [8, 5], arithmetic: "integer" });
    expect(existsSync(join(folder, "x"))).toBe(false);
  });

  test("takes some levels only, the most bits among them, and the rest is as before", async () => {
    const narrow = join(folder, "narrow");
    expect(quee("export", run, "--out", narrow, "--levels", "8", "--threads", "1").status).toBe(0);
    const [all, some] = [await readModelDirectory(out), await readModelDirectory(narrow)];
    expect(some.gates.space.levels).toEqual([8]);
    expect(await some.block(2, bits(8))).toEqual(await all.block(2, bits(8)));
    expect(() => some.block(2, bits(5))).toThrow(/block 2 at 5 bits/);
    const classifier = await AdaptiveClassifier.load(narrow);
    const black = { width: 32, height: 32, data: new Uint8Array(3 * 32 * 32) };
    const [answer] = await classifier.classify(black, { lambda: 0 });
    expect(pathKey(answer?.path ?? [])).toMatch(/^8(-8)?$/);
    await classifier.close();
    expect(quee("export", run, "--out", join(folder, "x"), "--levels", "5")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/8 among them, got 5/),
    });
  });

  test("says which stage is missing where the cache was cleared", () => {
    rmSync(join(folder, "runs", ".cache", "train-gates"), { recursive: true });
    const { status, stderr } = quee("export", run, "--out", join(folder, "x"));
    expect([status, stderr.includes("stage train-gates")]).toEqual([7, true]);
    expect(readdirSync(folder)).not.toContain("x");
  });
});
