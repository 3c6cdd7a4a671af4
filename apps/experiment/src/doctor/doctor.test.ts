import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueeError } from "@quee/core";
import { encodeModel } from "@quee/onnx-codec";
import type { Graph } from "@quee/onnx-graph";
import { buildT2tVit, buildVit } from "@quee/vit-architectures";
import { afterEach, expect, test, vi } from "vitest";
import { checkNode } from "./check-installation.js";
import { diagnoseModel } from "./diagnose-model.js";
import { doctor } from "./doctor.js";
import { proposedExits } from "./proposed-exits.js";

const small = { imageSize: 32, width: 24, depth: 4, heads: 3, mlpRatio: 2, classCount: 10, seed: 5 };
const vit = buildVit({ ...small, patchSize: 8 });

/** Runs the doctor and catches what it prints. */
async function consult(request: Parameters<typeof doctor>[0]): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((text: string) => void lines.push(text));
  await doctor(request).catch((error: unknown) =>
    lines.push(`thrown: ${error instanceof QueeError ? error.kind : error}`),
  );
  return lines.join("\n");
}

afterEach(() => vi.restoreAllMocks());

function fileOf(graph: Graph): string {
  const folder = join(mkdtempSync(join(tmpdir(), "quee-doctor-")), "model");
  mkdirSync(folder);
  writeFileSync(join(folder, "model.onnx"), encodeModel(graph));
  return folder;
}

test("a network's parts add up to its MACs and parameters, counted by hand", () => {
  const { parts, totalMacs, ...facts } = diagnoseModel(encodeModel(vit), [1, 4]);
  expect(facts).toMatchObject({ tokens: 17, width: 24, heads: 3, depth: 4, classCount: 10, exits: [1, 4] });
  // Per layer: norms, qkv, projection, fc1, fc2 with biases; products over 17 tokens and attention over 17×17.
  const layerParameters = 2 * 48 + (24 * 72 + 72) + (24 * 24 + 24) + (24 * 48 + 48) + (48 * 24 + 24);
  const layerMacs = 17 * (24 * 72 + 24 * 24 + 2 * 24 * 48) + 2 * 17 * 17 * 24;
  const named = Object.fromEntries(parts.map((part) => [part.name, part]));
  expect(named["block 1"]).toMatchObject({ layers: [1, 1], macs: layerMacs, parameters: layerParameters });
  expect(named["block 2"]).toMatchObject({ layers: [2, 4], macs: 3 * layerMacs, parameters: 3 * layerParameters });
  expect(named["stem"]).toMatchObject({ macs: 16 * 192 * 24 });
  expect(named["head"]).toMatchObject({ macs: 240, parameters: 48 + 250, outputShape: ["batch", 10] });
  expect(parts.reduce((sum, { macs }) => sum + macs, 0)).toBe(totalMacs);
});

test("what is quantized alike stands in one row, with its twin ranges", () => {
  const { products, floatMacs } = diagnoseModel(encodeModel(vit), null);
  expect(products.map(({ role, count, groups, twinRangesBehind }) => [role, count, groups, twinRangesBehind])).toEqual([
    ["patch-embedding", 1, 1, null],
    ["qkv", 4, 3, null],
    ["scores", 4, 1, null],
    ["context", 4, 1, "softmax"],
    ["projection", 4, 1, null],
    ["fc1", 4, 1, null],
    ["fc2", 4, 1, "GELU"],
    ["head", 1, 1, null],
  ]);
  expect(floatMacs).toBe(0);
  expect(diagnoseModel(encodeModel(buildT2tVit(small)), null).floatMacs).toBeGreaterThan(0);
});

test.each([
  [1, [1]],
  [2, [1, 2]],
  [7, [2, 4, 7]],
  [12, [3, 6, 9, 12]],
  [14, [3, 7, 10, 14]],
])("%i layers: exits %j are proposed", (depth, exits) => {
  expect(proposedExits(depth)).toEqual(exits);
});

test("a folder with a model is shown as a table", async () => {
  const text = await consult({ model: fileOf(vit), exits: null, isJson: false });
  expect(text).toMatch(/pixel_values \[batch, 3, 32, 32\]\n {2}→ stem → 17 tokens × 24\n {2}→ 4 layers of 3 heads\n/);
  expect(text).toMatch(/exits behind layers 1, 2, 4 \(proposed/);
  expect(text).toMatch(/^block 3 +3–4 +0\.\d+ M +\d+\.\d %/m);
  expect(text).toMatch(/^fc2 +4 +one scale +twin ranges \(behind GELU\)$/m);
});

test("as JSON it is one object", async () => {
  const model = fileOf(vit);
  const json: unknown = JSON.parse(await consult({ model, exits: [2, 4], isJson: true }));
  expect(json).toMatchObject({ file: join(model, "model.onnx"), exits: [2, 4], tokens: 17 });
});

test("what stops it is named with its file, behind what went well", async () => {
  const nodes = vit.nodes.map((node) =>
    node.op === "Softmax" ? { ...node, op: "Relu", attributes: new Map() } : node,
  );
  const model = fileOf({ ...vit, nodes });
  const text = await consult({ model, exits: null, isJson: false });
  expect(text).toMatch(/✓ it can be cleaned\n✗ it is a vision transformer as known here\nthrown: input/);
  await expect(doctor({ model, exits: null, isJson: true })).rejects.toThrow(
    /model\.onnx: layer that ends in ".*": expected one Softmax in the attention, got 0/,
  );
});

test("exits that do not exist are a config error, a missing file is an input error", async () => {
  await expect(doctor({ model: fileOf(vit), exits: [2, 5], isJson: true })).rejects.toMatchObject({ kind: "config" });
  await expect(doctor({ model: "/no/such.onnx", exits: null, isJson: true })).rejects.toMatchObject({ kind: "input" });
});

test("without a model the installation is checked, onnxruntime by running it", async () => {
  const text = await consult({ exits: null, isJson: false });
  expect(text).toMatch(/^✓ node +\d+\./m);
  expect(text).toMatch(/^✓ onnxruntime +\d+\.\d+/m);
  expect(text).toMatch(/^[✓·] memory +\d+\.\d GiB free of/m);
  expect(text).not.toMatch(/thrown/);
});

test.each([
  ["20.19.0", "good"],
  ["20.18.3", "bad"],
  ["22.1.0", "good"],
  ["18.20.0", "bad"],
])("node %s is %s", (version, state) => {
  expect(checkNode(version).state).toBe(state);
});
