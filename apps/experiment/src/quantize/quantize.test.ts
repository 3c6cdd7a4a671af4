import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeModel } from "@quee/onnx-codec";
import type { Graph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { imageDataUri } from "@quee/report";
import { buildVit } from "@quee/vit-architectures";
import { beforeAll, describe, expect, test } from "vitest";
import { cifarImages } from "./cifar-files.test.fixture.js";

// The built program, as users run it, on a network with random weights and images of noise.
const program = join(import.meta.dirname, "../../bin/quee.mjs");
const levels = [8, 5, 3];
const network = buildVit({
  imageSize: 32,
  patchSize: 8,
  width: 24,
  depth: 2,
  heads: 2,
  mlpRatio: 2,
  classCount: 10,
  seed: 5,
});

function workspace(graph: Graph = network): string {
  const folder = mkdtempSync(join(tmpdir(), "quee-quantize-"));
  mkdirSync(join(folder, "tiny"));
  mkdirSync(join(folder, "images"));
  writeFileSync(join(folder, "tiny", "model.onnx"), encodeModel(graph));
  const preprocessing = { do_resize: false, do_rescale: true, rescale_factor: 1 / 255, do_normalize: false };
  writeFileSync(join(folder, "tiny", "preprocessor_config.json"), JSON.stringify(preprocessing));
  writeFileSync(join(folder, "images", "data_batch_1.bin"), cifarImages(60, 1));
  writeFileSync(join(folder, "images", "data_batch_5.bin"), cifarImages(40, 2));
  return folder;
}

const usual = ["quantize", "tiny/model.onnx", "--data", "images", "--bits", levels.join(), "--images", "12"];

function quee(folder: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: "utf8" });
  return { status, stdout, stderr };
}

const json = (...path: readonly string[]) => JSON.parse(readFileSync(join(...path), "utf8"));

describe("a model and a folder of images", () => {
  let folder: string;
  let first: ReturnType<typeof quee>;
  beforeAll(() => {
    folder = workspace();
    first = quee(folder, ...usual, "--held-images", "8", "--out", "out");
  });

  test("become networks at every level with their scales, sizes and sensitivity, and nothing else", () => {
    expect(first.stderr).not.toMatch(/error\[/);
    expect(first.status).toBe(0);
    const tables = ["csv", "json", "md", "svg"].map((ending) => `sensitivity.${ending}`);
    const networks = levels.map((level) => `network-w${level}a${level}.onnx`);
    expect(readdirSync(join(folder, "out")).sort()).toEqual(
      ["encodings.json", "summary.json", ...tables, ...networks].sort(),
    );
    expect(readdirSync(folder).sort()).toEqual(["images", "out", "runs", "tiny"]);
    for (const level of levels) expect(first.stdout).toMatch(new RegExp(`^ *${level} bits +0\\.\\d\\d MB`, "m"));
  });

  test("which any onnxruntime runs, close to the float network", async () => {
    const pixels = { shape: [2, 3, 32, 32], data: Float32Array.from({ length: 6144 }, (_, i) => (i % 97) / 97) };
    const logitsOf = async (model: Graph | Uint8Array) => {
      const session = await openSession(model);
      const { logits } = await session.run({ pixel_values: pixels });
      await session.release();
      return logits?.data as Float32Array;
    };
    const float = await logitsOf(network);
    const errors: number[] = [];
    for (const level of levels) {
      const logits = await logitsOf(
        new Uint8Array(readFileSync(join(folder, "out", `network-w${level}a${level}.onnx`))),
      );
      errors.push(logits.reduce((sum, y, i) => sum + (y - (float[i] ?? 0)) ** 2, 0));
    }
    expect(errors).toEqual([...errors].sort((a, b) => a - b));
    expect(errors[0]).toBeLessThan(0.01 * float.reduce((sum, y) => sum + y ** 2, 0));
  });

  test("say the bits of each product: those of the stem are the most", () => {
    const { levels: encoded } = json(folder, "out", "encodings.json");
    expect(encoded.map(({ bits }: { bits: number }) => bits)).toEqual(levels);
    for (const { bits, sites } of encoded) {
      for (const site of sites) expect(site.bits).toBe(site.role === "patch-embedding" ? 8 : bits);
    }
  });

  test("with a row for each product and part at each level in every table", () => {
    const { rows } = json(folder, "out", "sensitivity.json");
    // The patch embedding, twelve products of two layers, the head; and four parts.
    expect(rows).toHaveLength(levels.length * (14 + 4));
    expect(
      readFileSync(join(folder, "out", "sensitivity.csv"), "utf8")
        .trim()
        .split("\n"),
    ).toHaveLength(rows.length + 1);
    expect(readFileSync(join(folder, "out", "sensitivity.md"), "utf8").match(/^\| (\*\*|\S+ `)/gm)).toHaveLength(18);
    expect(readFileSync(join(folder, "out", "sensitivity.svg"), "utf8").match(/<title>/g)).toHaveLength(
      2 * rows.length,
    );
  });

  test("and sizes that fall with the bits", () => {
    const { float, levels: sizes } = json(folder, "out", "summary.json");
    const totals = [float, ...sizes].map(({ bytes }) => bytes.total);
    expect(totals).toEqual([...totals].sort((a, b) => b - a));
    for (const { bytes, parts } of [float, ...sizes]) {
      expect(parts.map(({ part }: { part: string }) => part)).toEqual(["stem", "block 1", "block 2", "head"]);
      const sum = parts.reduce((all: number, one: { bytes: { total: number } }) => all + one.bytes.total, 0);
      expect(sum).toBe(bytes.total);
    }
  });

  test("are not written over; elsewhere the cache gives the same bytes", () => {
    const again = quee(folder, ...usual, "--held-images", "8", "--out", "out");
    expect(again.status).toBe(2);
    expect(again.stderr).toMatch(/out: expected a new or empty directory, got one with files/);
    const other = quee(folder, ...usual, "--held-images", "8", "--out", "other", "--threads", "1", "--json");
    expect(other.status).toBe(0);
    expect(other.stderr.match(/cached/g)).toHaveLength(2);
    expect(JSON.parse(other.stdout)).toMatchObject({
      out: "other",
      images: 8,
      isHeldOut: true,
      levels: levels.map((bits) => ({ bits })),
    });
    for (const file of readdirSync(join(folder, "out"))) {
      expect(readFileSync(join(folder, "other", file))).toEqual(readFileSync(join(folder, "out", file)));
    }
  });

  test("a dry run writes nothing", () => {
    const { status, stdout } = quee(folder, ...usual, "--out", "dry", "--dry-run", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ products: 14, levels, calibrationImages: 12 });
    expect(existsSync(join(folder, "dry"))).toBe(false);
  });
});

test("a stem in float is in no encodings; min-max needs no search", () => {
  const folder = workspace();
  const { status } = quee(
    folder,
    ...usual,
    "--method",
    "min-max",
    "--stem",
    "float",
    "--held-images",
    "4",
    "--out",
    "out",
  );
  expect(status).toBe(0);
  const [{ sites }] = json(folder, "out", "encodings.json").levels;
  expect(sites.map(({ role }: { role: string }) => role)).not.toContain("patch-embedding");
  expect(sites).toHaveLength(13);
});

test("images may lie in a folder for each class", () => {
  const folder = workspace();
  const planes = cifarImages(8, 3);
  for (let i = 0; i < 8; i++) {
    const own = join(folder, "photos", i % 2 === 0 ? "cat" : "dog");
    mkdirSync(own, { recursive: true });
    const uri = imageDataUri(planes.subarray(i * 3073 + 1, (i + 1) * 3073), 32, 32);
    writeFileSync(join(own, `${i}.png`), Buffer.from(uri.slice(uri.indexOf(",") + 1), "base64"));
  }
  const args = ["quantize", "tiny/model.onnx", "--data", "photos", "--bits", "8", "--images", "5"];
  const { status, stderr } = quee(folder, ...args, "--method", "min-max", "--out", "out");
  expect(stderr).not.toMatch(/error\[/);
  expect(status).toBe(0);
  expect(json(folder, "out", "summary.json")).toMatchObject({ calibrationImages: 5, images: 3, isHeldOut: true });
  const labelled = quee(folder, ...args, "--compare", "--out", "compared");
  expect(labelled.stderr).toMatch(/logits: expected 2 classes, as .* has, got 10/);
});

test("a comparison has a row for every way to find scales, on images that nothing was calibrated on", () => {
  const folder = workspace();
  const args = [...usual, "--calibrate", "data_batch_1.bin", "--evaluate", "data_batch_5.bin:10+25", "--compare"];
  const { status, stdout, stderr } = quee(folder, ...args, "--out", "out");
  expect(stderr).not.toMatch(/error\[/);
  expect(status).toBe(0);
  const { rows, evaluationImages, floatTop1 } = json(folder, "out", "comparison.json");
  expect(evaluationImages).toBe(25);
  expect(floatTop1 >= 0 && floatTop1 <= 1).toBe(true);
  const names = ["ce-pseudo", "ce-label", "fisher", "squared-error", "cosine", "no-twins", "reference-code", "min-max"];
  expect(rows.map(({ name }: { name: string }) => name)).toEqual(names);
  for (const { levels: cells } of rows) {
    expect(cells.map(({ bits }: { bits: number }) => bits)).toEqual(levels);
    expect(cells[2].klDivergence).toBeGreaterThan(cells[0].klDivergence);
  }
  // Every way but the first differs from it somewhere.
  const divergences = rows.map((row: { levels: unknown }) => JSON.stringify(row.levels));
  expect(new Set(divergences).size).toBe(names.length);
  expect(stdout).toContain(readFileSync(join(folder, "out", "comparison.md"), "utf8").trim());
  const same = quee(folder, ...usual, "--evaluate", "data_batch_1.bin", "--compare", "--out", "same");
  expect(same.status).toBe(2);
  expect(same.stderr).toMatch(
    /--evaluate: expected images that scales are not chosen on, got \d+ of the calibration images/,
  );
});

test("a folder is no model: the file in it is named", () => {
  const { status, stderr } = quee(workspace(), "quantize", "tiny", "--data", "images", "--out", "out");
  expect(stderr).toMatch(/tiny: expected an \.onnx file, got a folder\. Name tiny.model\.onnx/);
  expect(status).toBe(4);
});

test("one calibration image is enough, and said", () => {
  const folder = workspace();
  const args = [
    "quantize",
    "tiny/model.onnx",
    "--data",
    "images",
    "--bits",
    "8",
    "--images",
    "1",
    "--held-images",
    "0",
  ];
  const { status, stdout, stderr } = quee(folder, ...args, "--out", "out");
  expect(status).toBe(0);
  expect(stderr).toMatch(/one calibration image: the scales fit it and nothing else/);
  expect(stderr).toMatch(/no images beside the calibration images/);
  expect(stdout).toMatch(/on the 1 calibration image$/m);
  expect(json(folder, "out", "summary.json")).toMatchObject({ images: 1, isHeldOut: false });
  const none = quee(folder, ...args, "--compare", "--out", "compared");
  expect(none.status).toBe(2);
  expect(none.stderr).toMatch(/--compare: expected labelled images beside the calibration images, got none/);
});

test("stopped, it leaves nothing half-written, and the same command goes on", async () => {
  const folder = workspace();
  const args = [...usual, "--held-images", "8", "--out", "out", "--threads", "1"];
  const child = spawn(process.execPath, [program, ...args], { cwd: folder });
  const code = new Promise<number | null>((done) => child.on("exit", done));
  child.stderr.once("data", () => child.kill("SIGINT"));
  expect(await code).toBe(130);
  expect(readdirSync(folder).sort()).toEqual(["images", "runs", "tiny"]);
  expect(quee(folder, ...args).status).toBe(0);
});

describe("what cannot be quantized is one clear line and the exit code of the contract:", () => {
  const withNodes = (edit: (op: string) => string): Graph => ({
    ...network,
    nodes: network.nodes.map((node) =>
      edit(node.op) === node.op ? node : { ...node, op: edit(node.op), attributes: new Map() },
    ),
  });
  const withNaN = (): Graph => {
    const [[name, value]] = [...network.initializers].filter(([, { dims }]) => dims.length === 2) as [[string, never]];
    const { data, ...rest } = value as { data: Float32Array };
    return {
      ...network,
      initializers: new Map([
        ...network.initializers,
        [name, { ...rest, data: data.slice().fill(Number.NaN, 3, 4) } as never],
      ]),
    };
  };

  test.each<[string, () => Graph, readonly string[], number, RegExp]>([
    ["no softmax", () => withNodes((op) => (op === "Softmax" ? "Sigmoid" : op)), [], 4, /E_VIT_ANATOMY.*softmax/i],
    ["weights that are not numbers", withNaN, [], 8, /model\.onnx: .*expected finite/],
    ["no calibration image", () => network, ["--images", "0"], 2, /expected a whole number from 1/],
    ["more calibration images than there are", () => network, ["--images", "101"], 3, /expected 1 to 100/],
    [
      "no such model",
      () => network,
      ["--preprocessing", "none.json"],
      4,
      /none\.json: expected how images are prepared/,
    ],
    ["bits that are none", () => network, ["--bits", "8,9"], 2, /expected distinct whole numbers from 2 to 8/],
    ["no such images", () => network, ["--data", "elsewhere"], 4, /elsewhere/],
    [
      "options that change nothing",
      () => network,
      ["--method", "min-max", "--gradient", "fisher"],
      2,
      /--gradient: expected a use for it, got --method min-max/,
    ],
    [
      "images for a comparison without one",
      () => network,
      ["--evaluate", "data_batch_5.bin"],
      2,
      /--evaluate: expected a use for it, got no --compare/,
    ],
    ["a way to find scales where all are compared", () => network, ["--compare", "--no-twins"], 2, /--no-twins: exp/],
    ["a range that is none", () => network, ["--calibrate", "a:b"], 2, /expected a file, or file:from\+count/],
  ])("%s", (_, graph, args, code, message) => {
    const { status, stdout, stderr } = quee(workspace(graph()), ...usual, "--out", "out", ...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(code);
    expect(stdout).toBe("");
    expect(stderr.split("\n").filter((line) => line.includes("error["))).toHaveLength(1);
  });
});
