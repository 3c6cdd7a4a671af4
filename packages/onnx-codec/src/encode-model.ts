import { create, toBinary } from "@bufbuild/protobuf";
import type { Graph, Node } from "@quee/onnx-graph";
import { encodeAttribute } from "./attributes.js";
import {
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
} from "./generated/onnx_pb.js";
import { originOf } from "./origins.js";
import { encodeTensor } from "./tensors.js";
import { encodeValue } from "./values.js";

/**
 * Writes an ONNX model. A graph that `decodeModel` returned and that is unchanged (the same object, or a copy with the same
 * parts) gives its file's bytes: the decoded message is written again, with everything the graph does not say; should its writer
 * have ordered or spelled fields in an unusual way, its own bytes are taken.
 *
 * Of every other graph exactly what it says is written, weights as raw_data, so that decoding and encoding once more changes
 * nothing. Little-endian machines only.
 */
export function encodeModel(graph: Graph): Uint8Array {
  const origin = originOf(graph);
  if (origin === null) return toBinary(ModelProtoSchema, messageOf(graph));
  const written = toBinary(ModelProtoSchema, origin.message);
  return sameBytes(written, origin.bytes) ? written : origin.bytes.slice();
}

function messageOf(graph: Graph) {
  return create(ModelProtoSchema, {
    irVersion: BigInt(graph.irVersion),
    producerName: "quee",
    graph: encodeGraph(graph),
    opsetImport: [...graph.opsets].map(([domain, version]) => ({ domain, version: BigInt(version) })),
    metadataProps: [...graph.metadata].map(([key, value]) => ({ key, value })),
  });
}

function encodeGraph(graph: Graph): GraphProto {
  return create(GraphProtoSchema, {
    name: graph.name,
    node: graph.nodes.map(encodeNode),
    initializer: [...graph.initializers].map(([name, value]) => encodeTensor(value, name)),
    input: graph.inputs.map(encodeValue),
    output: graph.outputs.map(encodeValue),
  });
}

function encodeNode({ name, op, domain, inputs, outputs, attributes }: Node): NodeProto {
  return create(NodeProtoSchema, {
    input: [...inputs],
    output: [...outputs],
    ...(name === "" ? {} : { name }),
    opType: op,
    ...(domain === "" ? {} : { domain }),
    attribute: [...attributes].map(([key, value]) => encodeAttribute(key, value, encodeGraph)),
  });
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  // A plain loop: `every` takes ten times as long, and a model has millions of bytes.
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
