import { readFileSync } from "node:fs";
import { parsePreprocessorConfig, preprocessor, readCifar10 } from "@quee/datasets";
import { decodeModel } from "@quee/onnx-codec";
import { cleanGraph } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { developmentFiles, expectAllclose } from "@quee/tooling-testing";
import { analyzeVit, attachHead, cutBlocks } from "@quee/vit-blocks";
import { test } from "vitest";

const model = developmentFiles("QUEE_MODELS", "t2t-vit-7-cifar10");
const data = developmentFiles("QUEE_DATA", "cifar10");

// logits_first_64_test.f32: PyTorch's answers to the first 64 test records, beside the model.
test.skipIf(model === null || data === null)(
  "reading, preprocessing, cleaning, cutting and running give PyTorch's logits of 64 test images",
  async () => {
    const bytes = readFileSync(`${model}/logits_first_64_test.f32`);
    const expected = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    const files = [{ file: "test_batch.bin", count: 64 }];
    const split = await readCifar10({ root: data as string, files, role: "test" });
    const config: unknown = JSON.parse(readFileSync(`${model}/preprocessor_config.json`, "utf8"));
    const images = preprocessor(parsePreprocessorConfig(config))(
      split,
      Array.from({ length: 64 }, (_, i) => i),
    );
    const graph = cleanGraph(decodeModel(new Uint8Array(readFileSync(`${model}/model.onnx`))));
    const anatomy = analyzeVit(graph);
    let hidden = images;
    for (const block of cutBlocks(graph, anatomy, [2, 4, 7])) {
      const session = await openSession(attachHead(block, anatomy.head));
      const outputs = await session.run({ [block.input]: hidden });
      if (block.hasHiddenStates) hidden = outputs["hidden_states"] as typeof images;
      else expectAllclose(outputs["logits"]?.data as Float32Array, expected, { rtol: 0, atol: 1e-3 });
      await session.release();
    }
  },
);
