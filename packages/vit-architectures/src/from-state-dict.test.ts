import type { Constant } from "@quee/onnx-graph";
import { randomStream, sizeOf, type Tensor } from "@quee/tensor";
import { expect, test } from "vitest";
import { fromStateDict } from "./from-state-dict.js";
import { namingSchemes } from "./naming-schemes.js";
import { parameterNames } from "./parameter-names.js";
import type { StateDict } from "./safetensors.js";
import { buildT2tVit } from "./t2t-vit.js";

// What the weights compute is checked against PyTorch in tooling/parity; here is what is asked of their names and shapes.

/** A one-layer DeiT of width 64 on 8×8 images in patches of 4, under timm's names. */
const shapes: Readonly<Record<string, readonly number[]>> = {
  cls_token: [1, 1, 64],
  pos_embed: [1, 5, 64],
  "patch_embed.proj.weight": [64, 3, 4, 4],
  "patch_embed.proj.bias": [64],
  "blocks.0.norm1.weight": [64],
  "blocks.0.norm1.bias": [64],
  "blocks.0.attn.qkv.weight": [192, 64],
  "blocks.0.attn.qkv.bias": [192],
  "blocks.0.attn.proj.weight": [64, 64],
  "blocks.0.attn.proj.bias": [64],
  "blocks.0.norm2.weight": [64],
  "blocks.0.norm2.bias": [64],
  "blocks.0.mlp.fc1.weight": [128, 64],
  "blocks.0.mlp.fc1.bias": [128],
  "blocks.0.mlp.fc2.weight": [64, 128],
  "blocks.0.mlp.fc2.bias": [64],
  "norm.weight": [64],
  "norm.bias": [64],
  "head.weight": [10, 64],
  "head.bias": [10],
};

function tensorOf(name: string, shape: readonly number[]): Tensor {
  const random = randomStream(1, name);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal()) };
}

function stateWith(changes: Readonly<Record<string, readonly number[] | null>> = {}): StateDict {
  const all = Object.entries({ ...shapes, ...changes });
  return new Map(all.flatMap(([name, shape]) => (shape === null ? [] : [[name, tensorOf(name, shape)] as const])));
}

test("a linear layer's [to, from] is laid out as [from, to], element by element", () => {
  const state = stateWith();
  const graph = fromStateDict(state);
  const theirs = state.get("blocks.0.mlp.fc1.weight")?.data as Float32Array;
  const ours = graph.initializers.get("blocks.0.mlp.fc1.weight");
  expect(ours?.dims).toEqual([64, 128]);
  expect(ours?.data[3 * 128 + 5]).toBe(theirs[5 * 64 + 3]);
});

test("sizes, heads of 64 channels and the image size come from the tensors", () => {
  const graph = fromStateDict(stateWith());
  expect(graph.inputs[0]?.shape).toEqual(["batch", 3, 8, 8]);
  expect(graph.outputs[0]?.shape).toEqual(["batch", 10]);
});

test("queries, keys and values without bias stay without", () => {
  const graph = fromStateDict(stateWith({ "blocks.0.attn.qkv.bias": null }));
  expect(graph.initializers.has("blocks.0.attention.qkv.bias")).toBe(false);
});

test.each<[string, Readonly<Record<string, readonly number[] | null>>, string]>([
  [
    "a missing tensor",
    { "norm.bias": null },
    'tensor "norm.bias": expected this tensor among those of the checkpoint, got none',
  ],
  [
    "another shape",
    { "blocks.0.attn.proj.weight": [64, 32] },
    'tensor "blocks.0.attn.proj.weight": expected 4096 numbers for blocks.0.attention.projection.weight [64, 64], got [64, 32]',
  ],
  [
    "a transposed matrix",
    { "blocks.0.mlp.fc2.weight": [128, 64] },
    'tensor "blocks.0.mlp.fc2.weight": expected 64 rows for blocks.0.mlp.fc2.weight [128, 64], got [128, 64]',
  ],
  [
    "a distillation token",
    { dist_token: [1, 1, 64] },
    'tensor "dist_token": expected a tensor of a vit as timm names it, got one without a place',
  ],
  [
    "names of nobody",
    { "patch_embed.proj.weight": null },
    "names of the tensors: expected those of T2T-ViT (tokens_to_token.attention1.kqv.weight)",
  ],
])("%s is refused by name", (_, changes, message) => {
  expect(() => fromStateDict(stateWith(changes))).toThrow(message);
});

test("a T2T-ViT at another image size gets its positions resized, the class token's as they were", () => {
  const options = { width: 64, depth: 1, heads: 1, mlpRatio: 2, tokenWidth: 8, classCount: 3, seed: 4 };
  const trained = buildT2tVit({ ...options, imageSize: 64 });
  const scheme = namingSchemes.find(({ kind }) => kind === "t2t-vit");
  const names = [
    ...parameterNames(trained),
    ...[...trained.initializers.keys()].filter((name) => /\.features$|^positions$/.test(name)),
  ];
  const state: StateDict = new Map(
    names.flatMap((name) => {
      const { dims, data } = trained.initializers.get(name) as Constant;
      const [their = ""] = scheme?.theirs(name) ?? [];
      // Square or not, a matrix is stored the other way round; its numbers do not matter here.
      const shape = dims.length === 2 ? [...dims].reverse() : dims;
      return [[their, { shape, data: data as Float32Array }] as const];
    }),
  );
  // Token 0 is the class token's; the grid of 4×4 patches is as high as its column is far.
  const positions = Float32Array.from({ length: 17 * 64 }, (_, i) => (i < 64 ? 9 : Math.floor(i / 64 - 1) % 4));
  const graph = fromStateDict(new Map(state).set("pos_embed", { shape: [1, 17, 64], data: positions }), {
    imageSize: 32,
  });
  expect(graph.inputs[0]?.shape).toEqual(["batch", 3, 32, 32]);
  const resized = graph.initializers.get("positions")?.data as Float32Array;
  // Of 0, 1, 2, 3, the cubic kernel (a = −0.75) makes 0.59375·(0 + 1) − 0.09375·(0 + 2), mirrored at the other end.
  const left = 0.59375 - 0.09375 * 2;
  const expected = [9, left, 3 - left, left, 3 - left];
  expect(expected.every((value, token) => Math.abs((resized[token * 64] ?? 0) - value) < 1e-6)).toBe(true);
});
