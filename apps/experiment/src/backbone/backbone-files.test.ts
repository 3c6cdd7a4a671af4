import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parsePreprocessorConfig } from "@quee/datasets";
import { decodeModel } from "@quee/onnx-codec";
import { openSession } from "@quee/onnx-session";
import { randomStream, zeros } from "@quee/tensor";
import { expect, test } from "vitest";
import { openDataset } from "../stages/dataset.js";
import { backboneFiles } from "./backbone-files.js";

const preprocessing = parsePreprocessorConfig({ do_resize: false, do_normalize: false });
const digits = await openDataset(
  { name: "synthetic-digits", seed: 0, train: { count: 10 }, validation: { count: 10 }, test: { count: 10 } },
  "",
);

/** A one-layer DeiT of width 64 in patches of 8 on 32×32 images, as timm names its tensors. */
function shapesFor(classCount: number): Readonly<Record<string, readonly number[]>> {
  return {
    ...{ cls_token: [1, 1, 64], pos_embed: [1, 17, 64] },
    ...{ "patch_embed.proj.weight": [64, 3, 8, 8], "patch_embed.proj.bias": [64] },
    ...{ "blocks.0.norm1.weight": [64], "blocks.0.norm1.bias": [64] },
    ...{ "blocks.0.attn.qkv.weight": [192, 64], "blocks.0.attn.qkv.bias": [192] },
    ...{ "blocks.0.attn.proj.weight": [64, 64], "blocks.0.attn.proj.bias": [64] },
    ...{ "blocks.0.norm2.weight": [64], "blocks.0.norm2.bias": [64] },
    ...{ "blocks.0.mlp.fc1.weight": [128, 64], "blocks.0.mlp.fc1.bias": [128] },
    ...{ "blocks.0.mlp.fc2.weight": [64, 128], "blocks.0.mlp.fc2.bias": [64] },
    ...{ "norm.weight": [64], "norm.bias": [64], "head.weight": [classCount, 64], "head.bias": [classCount] },
  };
}

/** https://github.com/huggingface/safetensors#format */
function safetensors(shapes: Readonly<Record<string, readonly number[]>>): Uint8Array {
  const random = randomStream(1, "weights");
  const header: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const size = shape.reduce((product, dim) => product * dim, 1);
    const bytes = new Uint8Array(Float32Array.from({ length: size }, () => random.normal() / 8).buffer);
    header[name] = { dtype: "F32", shape, data_offsets: [at, at + bytes.length] };
    parts.push(bytes);
    at += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...parts]);
}

function rootWith(classCount: number): string {
  const root = mkdtempSync(join(tmpdir(), "quee-weights-"));
  writeFileSync(join(root, "deit.safetensors"), safetensors(shapesFor(classCount)));
  return root;
}

const backbone = { model: "deit", weights: "deit.safetensors", preprocessing };

test("a checkpoint becomes the model of the folder, for images as they are prepared", async () => {
  const root = rootWith(10);
  const files = await backboneFiles(backbone, digits, [root], false);
  expect(readdirSync(join(root, "deit")).sort()).toEqual(["model.onnx", "preprocessor_config.json"]);
  expect(readFileSync(join(root, "deit", "model.onnx")).equals(files.bytes)).toBe(true);
  const session = await openSession(decodeModel(files.bytes));
  const { logits } = await session.run({ pixel_values: zeros([2, 3, 32, 32]) });
  expect(logits?.shape).toEqual([2, 10]);
  await session.release();
  // Positions of another image size are resized.
  const larger = parsePreprocessorConfig({ do_resize: true, size: { height: 48, width: 48 }, do_normalize: false });
  const resized = await backboneFiles({ ...backbone, model: "large", preprocessing: larger }, digits, [root], false);
  expect(decodeModel(resized.bytes).inputs[0]?.shape).toEqual(["batch", 3, 48, 48]);
});

test("a dry run has the same model and writes nothing", async () => {
  const root = rootWith(10);
  const { sha256 } = await backboneFiles(backbone, digits, [root], true);
  expect(existsSync(join(root, "deit"))).toBe(false);
  expect((await backboneFiles(backbone, digits, [root], false)).sha256).toBe(sha256);
});

test("a model that is there is not made again", async () => {
  const root = rootWith(10);
  const { sha256 } = await backboneFiles(backbone, digits, [root], false);
  writeFileSync(join(root, "deit.safetensors"), "spoiled");
  expect((await backboneFiles(backbone, digits, [root], false)).sha256).toBe(sha256);
});

test.each([
  ["other classes", rootWith(7), backbone, /deit\.safetensors: head: expected 10 classes.*got 7\. `quee finetune`/],
  [
    "no preprocessing",
    rootWith(10),
    { model: "deit", weights: "deit.safetensors" },
    /backbone\.preprocessing: expected how/,
  ],
  ["no such file", rootWith(10), { ...backbone, weights: "none.safetensors" }, /none\.safetensors/],
])("%s: refused, and nothing is written", async (_, root, config, message) => {
  await expect(backboneFiles(config, digits, [root], false)).rejects.toThrow(message);
  expect(readdirSync(root)).toEqual(["deit.safetensors"]);
});

test("a tensor of another shape is named with its file", async () => {
  const root = rootWith(10);
  writeFileSync(join(root, "deit.safetensors"), safetensors({ ...shapesFor(10), "norm.bias": [63] }));
  await expect(backboneFiles(backbone, digits, [root], false)).rejects.toThrow(
    /deit\.safetensors: tensor "norm\.bias"/,
  );
});
