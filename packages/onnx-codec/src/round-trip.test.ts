import { create, toBinary } from "@bufbuild/protobuf";
import { type Attribute, constant, type Graph } from "@quee/onnx-graph";
import { expect, test } from "vitest";
import {
  AttributeProtoSchema,
  ModelProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from "./generated/onnx_pb.js";
import { decodeModel, encodeModel } from "./index.js";
import { richMessage, smallGraph } from "./samples.test.helper.js";

/** The same graph as a new object in all its parts that the codec could know again. */
function copyOf(graph: Graph): Graph {
  return { ...graph, nodes: [...graph.nodes] };
}

test("what a graph cannot say is kept while it is unchanged, and left out when it is changed", () => {
  const message = richMessage();
  const bytes = toBinary(ModelProtoSchema, message);
  const graph = decodeModel(bytes);
  expect(encodeModel(graph)).toEqual(bytes);
  expect(encodeModel({ ...graph })).toEqual(bytes);
  const renamed = new TextDecoder().decode(encodeModel({ ...graph, name: "other" }));
  expect(renamed).toContain("other");
  expect(renamed).not.toContain("written by hand");
});

test("fields that ONNX does not have yet are kept inside of the model", () => {
  const message = richMessage();
  if (message.graph !== undefined) message.graph.$unknown = [{ no: 900, wireType: 2, data: Uint8Array.of(2, 7, 8) }];
  const bytes = toBinary(ModelProtoSchema, message);
  expect(encodeModel(decodeModel(bytes))).toEqual(bytes);
});

test("a writer that orders fields in its own way gets its own bytes back", () => {
  const [graphFirst, version] = [encodeModel(smallGraph()), Uint8Array.of(0x08, 8)];
  expect([...graphFirst.subarray(0, 2)]).toEqual([...version]);
  const bytes = Uint8Array.of(...graphFirst.subarray(2), ...version);
  expect(encodeModel(decodeModel(bytes))).toEqual(bytes);
});

test("weights are copied out of the file, aligned, whatever byte they begin at", () => {
  for (let shift = 0; shift < 8; shift++) {
    const bytes = encodeModel(smallGraph());
    const buffer = new Uint8Array(bytes.length + shift);
    buffer.set(bytes, shift);
    const graph = decodeModel(buffer.subarray(shift));
    expect(graph.initializers.get("w")).toEqual(constant([2], Float32Array.of(1, 2)));
    buffer.fill(0);
    expect(graph.initializers.get("w")?.data).toEqual(Float32Array.of(1, 2));
  }
});

test("the end of a slice may be the largest number there is", () => {
  const message = richMessage();
  const ends = create(AttributeProtoSchema, { name: "ends", type: 7, ints: [2n ** 63n - 1n] });
  message.graph?.node[0]?.attribute.push(ends);
  const graph = decodeModel(toBinary(ModelProtoSchema, message));
  const attribute: Attribute = { kind: "ints", value: [2 ** 63] };
  expect(graph.nodes[0]?.attributes.get("ends")).toEqual(attribute);
  const again = decodeModel(encodeModel(copyOf(graph)));
  expect(again.nodes[0]?.attributes.get("ends")).toEqual(attribute);
});

test("the two spellings of the ONNX domain are one", () => {
  const message = richMessage();
  message.opsetImport = create(ModelProtoSchema, { opsetImport: [{ domain: "ai.onnx", version: 17n }] }).opsetImport;
  expect([...decodeModel(toBinary(ModelProtoSchema, message)).opsets]).toEqual([["", 17]]);
});

/** Values of a tensor may lie in typed lists instead of raw bytes. */
test.each([
  ["float32", { dataType: TensorProto_DataType.FLOAT, floatData: [1.5, -2] }, Float32Array.of(1.5, -2)],
  ["float64", { dataType: TensorProto_DataType.DOUBLE, doubleData: [1e300, -2] }, Float64Array.of(1e300, -2)],
  ["int8", { dataType: TensorProto_DataType.INT8, int32Data: [-128, 127] }, Int8Array.of(-128, 127)],
  ["uint8", { dataType: TensorProto_DataType.UINT8, int32Data: [0, 255] }, Uint8Array.of(0, 255)],
  ["int32", { dataType: TensorProto_DataType.INT32, int32Data: [-7, 7] }, Int32Array.of(-7, 7)],
  [
    "int64",
    { dataType: TensorProto_DataType.INT64, int64Data: [-(2n ** 63n), 5n] },
    BigInt64Array.of(-(2n ** 63n), 5n),
  ],
  ["bool", { dataType: TensorProto_DataType.BOOL, int32Data: [1, 0] }, Uint8Array.of(1, 0)],
  ["float16", { dataType: TensorProto_DataType.FLOAT16, int32Data: [0x3c00, 0xc000] }, Uint8Array.of(0, 0x3c, 0, 0xc0)],
  ["int16", { dataType: TensorProto_DataType.INT16, int32Data: [-2, 1] }, Uint8Array.of(0xfe, 0xff, 1, 0)],
  [
    "uint32",
    { dataType: TensorProto_DataType.UINT32, uint64Data: [1n, 2n ** 32n - 1n] },
    Uint8Array.of(1, 0, 0, 0, 255, 255, 255, 255),
  ],
])("%s values in a list are read like raw ones", (dtype, tensor, data) => {
  const message = richMessage();
  message.graph?.initializer.push(create(TensorProtoSchema, { name: "c", dims: [2n], ...tensor }));
  const bytes = toBinary(ModelProtoSchema, message);
  const graph = decodeModel(bytes);
  expect(graph.initializers.get("c")).toEqual({ dtype, dims: [2], data });
  expect(encodeModel(graph)).toEqual(bytes);
  expect(decodeModel(encodeModel(copyOf(graph)))).toEqual(graph);
});
