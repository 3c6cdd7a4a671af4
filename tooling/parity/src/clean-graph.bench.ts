import { readFileSync } from "node:fs";
import { decodeModel } from "@quee/onnx-codec";
import { cleanGraph, type Graph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { randomStream } from "@quee/tensor";
import { compareVariants, developmentFiles, oneSample } from "@quee/tooling-testing";
import { bench, describe } from "vitest";
import { exportedNetworks } from "./recognition-graphs.js";

const trained = developmentFiles("QUEE_MODELS", "t2t-vit-7-cifar10", "model.onnx");
/** Both as PyTorch's exporter wrote them; the bundled backbone has nothing to clean. */
const [name, raw] =
  trained === null
    ? ["tiny T2T-ViT", exportedNetworks().find((network) => network.name === "t2t-performer")?.graph as Graph]
    : ["T2T-ViT-7", decodeModel(new Uint8Array(readFileSync(trained)))];

async function compare(batch: number): Promise<void> {
  const [input] = raw.inputs as [Graph["inputs"][number]];
  const shape = [batch, ...((input.shape ?? []).slice(1) as number[])];
  const random = randomStream(1, "images");
  const data = Float32Array.from({ length: shape.reduce((size, dim) => size * dim, 1) }, () => random.normal());
  const feeds = { [input.name]: { shape, data } };
  const [exported, cleaned] = [await openSession(raw), await openSession(cleanGraph(raw))];
  await compareVariants(
    { part: "cleaning", work: `forward pass of ${name}, batch ${batch}` },
    { "as exported": () => exported.run(feeds), cleaned: () => cleaned.run(feeds) },
  );
  await Promise.all([exported.release(), cleaned.release()]);
}

describe(`${name}, one thread`, () => {
  for (const batch of [1, 32]) bench(`batch ${batch}`, async () => compare(batch), oneSample);
});
