import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { openSession } from "@quee/onnx-session";
import type { Tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { fromStateDict, readSafetensors, type StateDict } from "@quee/vit-architectures";
import { analyzeVit } from "@quee/vit-blocks";
import { expect, test } from "vitest";

/** Small networks with the names of a library, and their logits as PyTorch computes them: see make.py in the folder. */
function stateDict(name: string): StateDict {
  const file = new URL(`../fixtures/state-dicts/${name}.safetensors.gz`, import.meta.url);
  return readSafetensors(gunzipSync(readFileSync(file)));
}

async function logitsOf(
  state: StateDict,
  pixels: Tensor,
  options: Parameters<typeof fromStateDict>[1],
): Promise<Tensor> {
  const session = await openSession(fromStateDict(state, options));
  const { logits } = await session.run({ pixel_values: pixels });
  await session.release();
  return logits as Tensor;
}

test.each(["timm", "hugging-face-vit", "hugging-face-dinov2", "t2t-vit"])(
  "the tensors of %s give the logits that PyTorch computes with them",
  async (name) => {
    const expected = stateDict(`${name}.expected`);
    const logits = await logitsOf(stateDict(name), expected.get("pixel_values") as Tensor, { heads: 2 });
    // The libraries' ε of the layer norms differ from that of the reference by up to 1e-5.
    expectAllclose(logits.data, expected.get("logits")?.data as Float32Array, { rtol: 1e-4, atol: 1e-4 });
  },
);

test("LayerScale, separate or stacked products and the head's features are those of the tensors", () => {
  const anatomy = (name: string) => analyzeVit(fromStateDict(stateDict(name), { heads: 2 }));
  expect(anatomy("timm")).toMatchObject({ tokens: 17, width: 8, heads: 2, classCount: 3, featureWidth: 8 });
  expect(anatomy("hugging-face-dinov2").pooling).toEqual([
    { kind: "token", index: 0 },
    { kind: "mean", from: 1, to: 17 },
  ]);
  expect(fromStateDict(stateDict("timm"), { heads: 2 }).initializers.has("blocks.1.scale2.weight")).toBe(true);
  expect(fromStateDict(stateDict("hugging-face-vit"), { heads: 2 }).initializers.has("blocks.1.scale2.weight")).toBe(
    false,
  );
});

test("another image size resizes the positions as torch.nn.functional.interpolate does", () => {
  const positions = stateDict("positions");
  const state = new Map(stateDict("timm"));
  const widened = (tensor: Tensor): Tensor => {
    // The network is 8 wide, the resized positions 4: each channel twice.
    const [, count = 0] = tensor.shape;
    const data = Float32Array.from({ length: count * 8 }, (_, i) => tensor.data[Math.floor(i / 8) * 4 + (i % 4)] ?? 0);
    return { shape: [1, count, 8], data };
  };
  state.set("pos_embed", widened(positions.get("from") as Tensor));
  for (const side of [3, 7]) {
    const graph = fromStateDict(state, { heads: 2, imageSize: 4 * side });
    const expected = widened(positions.get(`to ${side}`) as Tensor).data;
    expectAllclose(graph.initializers.get("position.embedding")?.data as Float32Array, expected, {
      rtol: 0,
      atol: 2e-6,
    });
  }
});

test("a backbone without a head gets a fresh one when asked, and is refused otherwise", async () => {
  const state = new Map([...stateDict("timm")].filter(([name]) => !name.startsWith("head.")));
  expect(() => fromStateDict(state, { heads: 2 })).toThrow('tensor "head.weight": expected this tensor');
  const graph = fromStateDict(state, { heads: 2, freshHead: { classCount: 5, seed: 1 } });
  expect(analyzeVit(graph).classCount).toBe(5);
  expect(graph.initializers.get("norm.bias")?.data).toEqual(state.get("norm.bias")?.data);
});
