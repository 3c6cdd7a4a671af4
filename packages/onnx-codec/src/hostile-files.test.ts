import { gzipSync } from "node:zlib";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { fc, test as property } from "@fast-check/vitest";
import { QueeError } from "@quee/core";
import { expect, test } from "vitest";
import { type ModelProto, ModelProtoSchema, type TensorProtoSchema } from "./generated/onnx_pb.js";
import { decodeModel, encodeModel } from "./index.js";
import { richMessage, smallGraph } from "./samples.test.helper.js";

const good = encodeModel(smallGraph());

/** The error of decoding; anything but a QueeError, or none, fails the test. */
function refusal(bytes: Uint8Array): QueeError {
  try {
    decodeModel(bytes, { file: "model.onnx" });
  } catch (error) {
    if (error instanceof QueeError) return error;
    throw error;
  }
  throw new Error("was accepted");
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

test.each([
  ["an empty file", "", "E_MODEL_EMPTY", /empty file/],
  ["text", "this is not a model\n".repeat(3), "E_MODEL_FOREIGN", /text/],
  ["a web page", "<!DOCTYPE html><title>404</title>", "E_MODEL_FOREIGN", /web page/],
  ["a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "E_MODEL_FOREIGN", /Git LFS/],
  ["a git-annex pointer", "/annex/objects/SHA256E-s1--00.onnx\n", "E_MODEL_FOREIGN", /git-annex/],
  ["a zip archive", "PK\x03\x04\x14\x00\x00\x00", "E_MODEL_FOREIGN", /zip.*PyTorch/],
  ["a pickle", "\x80\x02}q\x00.", "E_MODEL_FOREIGN", /pickle/],
  ["safetensors", '\x40\0\0\0\0\0\0\0{"w":{"dtype":"F32"}}', "E_MODEL_FOREIGN", /safetensors/],
  ["an HDF5 file", "\x89HDF\r\n\x1a\n", "E_MODEL_FOREIGN", /HDF5/],
  ["JSON", '{"a": [1, 2, 3]}', "E_MODEL_FOREIGN", /JSON/],
])("%s is refused by its name", (_, text, code, got) => {
  const error = refusal(ascii(text));
  expect(error).toMatchObject({ kind: "input", code, file: "model.onnx" });
  expect(error.got).toMatch(got);
});

test("a gzipped model is refused by its name", () => {
  expect(refusal(gzipSync(good))).toMatchObject({ code: "E_MODEL_FOREIGN", got: "a gzip file" });
});

test("a model cut anywhere is refused, or is a model that lost a whole field at its end", () => {
  const bytes = toBinary(ModelProtoSchema, richMessage());
  let accepted = 0;
  for (let length = 0; length < bytes.length; length++) {
    const cut = bytes.slice(0, length);
    try {
      expect(encodeModel(decodeModel(cut))).toEqual(cut);
      accepted++;
    } catch (error) {
      expect(error).toMatchObject({ kind: "input", name: "QueeError" });
    }
  }
  // After the opset, and after the training information.
  expect(accepted).toBe(2);
});

test("a model that is cut says so and where", () => {
  expect(refusal(good.subarray(0, good.length - 1))).toMatchObject({ code: "E_MODEL_TRUNCATED" });
  expect(refusal(good.subarray(0, good.length >> 1)).message).toMatch(
    /^model\.onnx: byte \d+.*expected \d+ more bytes/,
  );
});

test.each([
  ["zeros", Uint8Array.of(0, 0, 0)],
  ["a line end", ascii("\n")],
  ["words", ascii("trailing garbage")],
  ["a field of another format", Uint8Array.of(0x78, 1)],
  ["a second model", good],
])("%s after the end is refused", (_, tail) => {
  expect(refusal(Uint8Array.of(...good, ...tail)).kind).toBe("input");
});

/** A model with one initializer. */
function withTensor(tensor: MessageInitShape<typeof TensorProtoSchema>): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 8n, opsetImport: [{ version: 17n }], graph: { initializer: [tensor] } }),
  );
}

const eight = new Uint8Array(8);
test.each([
  ["raw data that is too short", { dims: [3n], dataType: 1, rawData: eight }, "E_TENSOR_DATA", "8"],
  ["raw data that is too long", { dims: [1n], dataType: 1, rawData: eight }, "E_TENSOR_DATA", "8"],
  ["too few listed values", { dims: [3n], dataType: 1, floatData: [1] }, "E_TENSOR_DATA", "1"],
  ["values in the list of another type", { dims: [1n], dataType: 1, int32Data: [1] }, "E_TENSOR_DATA", "in int32Data"],
  [
    "values in two places",
    { dims: [2n], dataType: 1, rawData: eight, floatData: [1, 2] },
    "E_TENSOR_DATA",
    "in rawData and floatData",
  ],
  ["listed values outside of the type", { dims: [1n], dataType: 3, int32Data: [300] }, "E_TENSOR_DATA", "300 at 0"],
  ["a negative dimension", { dims: [-1n], dataType: 1, rawData: eight }, "E_TENSOR_DIMS", "-1"],
  ["dimensions of 2^62", { dims: [2n ** 62n], dataType: 1, rawData: eight }, "E_TENSOR_DIMS", String(2n ** 62n)],
  [
    "dimensions whose product overflows",
    { dims: [2n ** 31n, 2n ** 31n], dataType: 1, rawData: eight },
    "E_TENSOR_DATA",
    "8",
  ],
  ["no values", { dims: [2n], dataType: 1 }, "E_TENSOR_DATA", "0"],
  ["an unknown type", { dims: [1n], dataType: 999, rawData: eight }, "E_TENSOR_TYPE", "number 999"],
  ["no type", { dims: [1n], rawData: eight }, "E_TENSOR_TYPE", "UNDEFINED"],
  ["packed int4", { dims: [16n], dataType: 22, rawData: eight }, "E_TENSOR_TYPE", "INT4"],
  ["text", { dims: [1n], dataType: 8, stringData: [eight] }, "E_TENSOR_TYPE", "STRING"],
  [
    "a piece of a tensor",
    { dims: [2n], dataType: 1, rawData: eight, segment: { begin: 0n, end: 1n } },
    "E_TENSOR_DATA",
    "a segment of one",
  ],
])("a tensor with %s is refused by name", (_, tensor, code, got) => {
  const error = refusal(withTensor({ name: "weight", ...tensor }));
  expect(error).toMatchObject({ kind: "input", code, got });
  expect(error.where).toContain('initializer[0] "weight"');
});

test.each(["w.bin", "../w.bin", "/etc/passwd", "C:\\w", "w.bin\0../x", ""])(
  "external data in %j is refused",
  (location) => {
    const externalData = [{ key: "location", value: location }];
    const error = refusal(withTensor({ name: "w", dims: [2n], dataType: 1, dataLocation: 1, externalData }));
    expect(error).toMatchObject({ code: "E_TENSOR_EXTERNAL", got: `external data in ${JSON.stringify(location)}` });
  },
);

type Model = Exclude<MessageInitShape<typeof ModelProtoSchema>, ModelProto>;
const scalar = { name: "w", dataType: 1, floatData: [1] };
test.each<[string, Model, string]>([
  ["no graph", { graph: undefined }, "E_MODEL_GRAPH"],
  ["no operator set", { opsetImport: [] }, "E_MODEL_OPSET"],
  ["one operator set twice", { opsetImport: [{ version: 17n }, { domain: "ai.onnx", version: 13n }] }, "E_MODEL_TWICE"],
  ["an IR version of the future", { irVersion: 999n }, "E_MODEL_VERSION"],
  ["no IR version", { irVersion: 0n }, "E_MODEL_VERSION"],
  ["an initializer twice", { graph: { initializer: [scalar, scalar] } }, "E_MODEL_TWICE"],
  ["a sparse initializer", { graph: { sparseInitializer: [{ values: scalar }] } }, "E_TENSOR_SPARSE"],
  ["an input without a type", { graph: { input: [{ name: "x" }] } }, "E_VALUE_TYPE"],
  [
    "an input of a negative size",
    {
      graph: {
        input: [
          {
            name: "x",
            type: {
              value: {
                case: "tensorType",
                value: { elemType: 1, shape: { dim: [{ value: { case: "dimValue", value: -3n } }] } },
              },
            },
          },
        ],
      },
    },
    "E_TENSOR_DIMS",
  ],
  [
    "an attribute twice",
    {
      graph: {
        node: [
          {
            attribute: [
              { name: "a", type: 2 },
              { name: "a", type: 2 },
            ],
          },
        ],
      },
    },
    "E_MODEL_TWICE",
  ],
  ["an attribute without a type", { graph: { node: [{ attribute: [{ name: "a", i: 1n }] }] } }, "E_ATTRIBUTE"],
  [
    "an attribute that refers to a function's",
    { graph: { node: [{ attribute: [{ name: "a", type: 2, refAttrName: "b" }] }] } },
    "E_ATTRIBUTE",
  ],
  [
    "a number that a double cannot hold",
    { graph: { node: [{ attribute: [{ name: "a", type: 2, i: 2n ** 53n + 1n }] }] } },
    "E_ATTRIBUTE",
  ],
  [
    "text that is none",
    { graph: { node: [{ attribute: [{ name: "a", type: 3, s: Uint8Array.of(0xff) }] }] } },
    "E_ATTRIBUTE",
  ],
])("a model with %s is refused", (_, changes, code) => {
  const base: Model = { irVersion: 8n, opsetImport: [{ version: 17n }], graph: { name: "g" } };
  const bytes = toBinary(ModelProtoSchema, create(ModelProtoSchema, { ...base, ...changes }));
  expect(refusal(bytes)).toMatchObject({ kind: "input", code });
});

/** `content` as a field of length-delimited type. */
function field(number: number, content: Uint8Array): Uint8Array {
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
  return Uint8Array.of(...varint(number * 8 + 2), ...varint(content.length), ...content);
}

test("branches in branches are refused beyond a depth that no network has", () => {
  let graph: Uint8Array = new Uint8Array();
  for (let i = 0; i < 200; i++) graph = field(1, field(5, field(6, graph)));
  expect(refusal(field(7, graph))).toMatchObject({ code: "E_MODEL_DEPTH" });
});

test("groups, which make parsers recurse, are refused", () => {
  expect(refusal(field(7, new Uint8Array(10_000).fill(0x0b))).kind).toBe("input");
});

test("a file that asks for more objects than a network has is refused before they are made", () => {
  // Two bytes each: an empty node.
  const nodes = new Uint8Array(1_200_000);
  for (let i = 0; i < nodes.length; i += 2) nodes[i] = 0x0a;
  const length = Uint8Array.of(0x3a, 0x80, 0x9f, 0x49);
  const bytes = new Uint8Array(length.length + nodes.length);
  bytes.set(length);
  bytes.set(nodes, length.length);
  expect(refusal(bytes)).toMatchObject({ code: "E_MODEL_SIZE" });
});

test("names that are no UTF-8 are refused where they stand", () => {
  expect(refusal(field(7, field(2, Uint8Array.of(0xc3, 0x28))))).toMatchObject({
    code: "E_MODEL_TEXT",
    where: "byte 4, graph",
  });
});

test("a length far beyond the file takes no memory", () => {
  const bytes = Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x07);
  expect(refusal(bytes)).toMatchObject({ code: "E_MODEL_TRUNCATED" });
});

const rich = toBinary(ModelProtoSchema, richMessage());
property.prop(
  [
    fc.constantFrom(good, rich),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }),
  ],
  {
    numRuns: 2000,
  },
)("flipped bytes are refused, or are another model that comes back as it is", (model, flips) => {
  const bytes = model.slice();
  for (const [at, mask] of flips) (bytes[at % bytes.length] as number) ^= mask;
  expectRefusedOrKept(bytes);
});

property.prop([fc.constantFrom(good, rich), fc.nat(), fc.nat(40), fc.uint8Array({ maxLength: 8 })], { numRuns: 1000 })(
  "pieces taken out and put in are refused, or are another model that comes back as it is",
  (model, at, remove, insert) => {
    const from = at % model.length;
    expectRefusedOrKept(Uint8Array.of(...model.subarray(0, from), ...insert, ...model.subarray(from + remove)));
  },
);

property.prop([fc.uint8Array({ maxLength: 200 })])("random bytes are refused", (bytes) => {
  expectRefusedOrKept(bytes);
});

function expectRefusedOrKept(bytes: Uint8Array): void {
  let graph: ReturnType<typeof decodeModel>;
  try {
    graph = decodeModel(bytes);
  } catch (error) {
    expect(error).toMatchObject({ name: "QueeError", kind: "input" });
    return;
  }
  expect(encodeModel(graph)).toEqual(bytes);
  // A flip may have made a type that only the unchanged model keeps.
  if ([...graph.inputs, ...graph.outputs].some(({ dtype }) => dtype === null)) return;
  // And what the graph says can be written again.
  expect(decodeModel(encodeModel({ ...graph, nodes: [...graph.nodes] }))).toEqual(graph);
}
