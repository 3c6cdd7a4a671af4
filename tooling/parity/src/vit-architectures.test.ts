import { differentiate } from "@quee/onnx-autodiff";
import { GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { tensor } from "@quee/tensor";
import { buildT2tVit, buildVit, parameterNames } from "@quee/vit-architectures";
import { expect, test } from "vitest";

const small = { imageSize: 32, width: 16, depth: 2, heads: 2, mlpRatio: 2, classCount: 4, seed: 5 };
const pixels = tensor(
  [2, 3, 32, 32],
  Float32Array.from({ length: 2 * 3 * 32 * 32 }, (_, i) => Math.sin(i * 1.7)),
);

test.each([
  ["ViT", buildVit({ ...small, patchSize: 8 })],
  ["T2T-ViT", buildT2tVit({ ...small, tokenWidth: 16 })],
])("%s: every trainable tensor has a gradient of its shape that is not zero", async (_, graph) => {
  const builder = GraphBuilder.from(graph);
  builder.clearOutputs();
  const loss = builder.add("ReduceMean", [builder.times("logits", "logits")], { keepdims: 0 }, "loss");
  const parameters = parameterNames(graph);
  const { graph: backward, gradients } = differentiate(builder.build(), { loss, withRespectTo: parameters });
  const withGradients = GraphBuilder.from(backward);
  withGradients.clearOutputs();
  for (const name of parameters) withGradients.output(gradients.get(name) as string);
  const session = await openSession(withGradients.build());
  const outputs = await session.run({ pixel_values: pixels });
  await session.release();
  for (const name of parameters) {
    const gradient = outputs[gradients.get(name) as string];
    expect(gradient?.shape, name).toEqual(graph.initializers.get(name)?.dims);
    expect(
      gradient?.data.every((x: number) => Number.isFinite(x)),
      name,
    ).toBe(true);
    expect(
      gradient?.data.some((x: number) => x !== 0),
      name,
    ).toBe(true);
  }
});
