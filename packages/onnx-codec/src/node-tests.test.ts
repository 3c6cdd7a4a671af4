import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { developmentFiles } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { ModelProtoSchema } from "./generated/onnx_pb.js";
import { decodeModel, encodeModel } from "./index.js";

const nodeTests = developmentFiles("QUEE_DATA", "onnx-node-tests");
const backbone = developmentFiles("QUEE_MODELS", "t2t-vit-7-cifar10", "model.onnx");

test.skipIf(nodeTests === null)("every node test of ONNX 1.17 comes back byte for byte", () => {
  const folders = readdirSync(nodeTests as string).filter((name) => name.startsWith("test_"));
  for (const folder of folders) {
    const bytes = readFileSync(join(nodeTests as string, folder, "model.onnx"));
    // By the schema itself, and by way of the graph.
    expect(bytes.equals(toBinary(ModelProtoSchema, fromBinary(ModelProtoSchema, bytes))), folder).toBe(true);
    expect(bytes.equals(encodeModel(decodeModel(bytes, { file: folder }))), folder).toBe(true);
  }
  expect(folders).toHaveLength(530);
});

test.skipIf(nodeTests === null)("going through the graph is a fixed point after the first time", () => {
  for (const folder of readdirSync(nodeTests as string).filter((name) => name.startsWith("test_"))) {
    const bytes = readFileSync(join(nodeTests as string, folder, "model.onnx"));
    const graph = decodeModel(bytes);
    const changed = () => encodeModel({ ...graph, nodes: [...graph.nodes] });
    if ([...graph.inputs, ...graph.outputs].some(({ dtype }) => dtype === null)) {
      // float8, int4, sequences and optionals: an unchanged model keeps them, a changed one cannot be written.
      expect(changed, folder).toThrow(/expected a type that can be written/);
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
