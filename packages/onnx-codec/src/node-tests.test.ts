import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { QueeError } from "@quee/core";
import { developmentFiles } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { ModelProtoSchema } from "./generated/onnx_pb.js";
import { decodeModel, encodeModel } from "./index.js";

const nodeTests = developmentFiles("QUEE_DATA", "onnx-node-tests");
const backbone = developmentFiles("QUEE_MODELS", "t2t-vit-7-cifar10", "model.onnx");

test.skipIf(nodeTests === null)(
  "every node test of ONNX 1.17 comes back byte for byte, or is refused by its types",
  () => {
    const counts = { same: 0, refused: 0 };
    const folders = readdirSync(nodeTests as string).filter((name) => name.startsWith("test_"));
    for (const folder of folders) {
      const bytes = readFileSync(join(nodeTests as string, folder, "model.onnx"));
      // The schema itself loses nothing, also of models that a graph of ours cannot hold.
      expect(bytes.equals(toBinary(ModelProtoSchema, fromBinary(ModelProtoSchema, bytes))), folder).toBe(true);
      try {
        expect(bytes.equals(encodeModel(decodeModel(bytes, { file: folder }))), folder).toBe(true);
        counts.same++;
      } catch (error) {
        if (!(error instanceof QueeError)) throw error;
        // float8, int4, sequences and optionals.
        expect(error, folder).toMatchObject({ kind: "input", code: "E_VALUE_TYPE", file: folder });
        counts.refused++;
      }
    }
    expect(counts).toEqual({ same: 511, refused: 19 });
  },
);

test.skipIf(nodeTests === null)("going through the graph is a fixed point after the first time", () => {
  for (const folder of readdirSync(nodeTests as string).filter((name) => name.startsWith("test_"))) {
    const bytes = readFileSync(join(nodeTests as string, folder, "model.onnx"));
    let graph: ReturnType<typeof decodeModel>;
    try {
      graph = decodeModel(bytes);
    } catch {
      continue;
    }
    const once = encodeModel({ ...graph, nodes: [...graph.nodes] });
    const again = decodeModel(once);
    expect(again).toEqual(graph);
    expect(encodeModel({ ...again, nodes: [...again.nodes] })).toEqual(once);
  }
});

test.skipIf(backbone === null)("the exported backbone comes back byte for byte", () => {
  const bytes = readFileSync(backbone as string);
  const graph = decodeModel(bytes);
  expect(graph.nodes.length).toBeGreaterThan(400);
  expect(bytes.equals(encodeModel(graph))).toBe(true);
  expect(bytes.equals(encodeModel({ ...graph }))).toBe(true);
});
