import { fromBinary } from "@bufbuild/protobuf";
import { QueeError, show } from "@quee/core";
import type { Attribute, Constant, Graph, Node } from "@quee/onnx-graph";
import { decodeAttribute } from "./attributes.js";
import { nameForeignFile } from "./foreign-files.js";
import { type GraphProto, type ModelProto, ModelProtoSchema, type NodeProto } from "./generated/onnx_pb.js";
import { rememberOrigin } from "./origins.js";
import { inside, type Place, refuse } from "./refuse.js";
import { decodeTensor } from "./tensors.js";
import { decodeValue } from "./values.js";
import { checkWireFormat } from "./wire-format.js";

/** IR versions whose every field we know. */
const irVersions = { from: 3, to: 13 } as const;

/** What all graphs of a model share. */
type ModelFacts = Pick<Graph, "irVersion" | "opsets">;

/**
 * Reads an ONNX model. Everything that a graph cannot say (doc strings, value_info of inner values, functions, training_info,
 * the producer, unknown fields) stays beside the returned graph, and `encodeModel` writes it again as long as no part of the
 * graph was exchanged. The bytes must not change while the graph is in use; weights are copied out of them.
 *
 * Refuses (QueeError, kind "input") what is no model, is damaged, keeps weights elsewhere or uses types that a graph of ours
 * cannot hold. It does not check that the graph makes sense: that is `verifyGraph` of @quee/onnx-graph, nor that its numbers are
 * finite: that is `checkFinite`.
 *
 * @param options.file the name that error messages give
 */
export function decodeModel(bytes: Uint8Array, options: { readonly file?: string | undefined } = {}): Graph {
  const place: Place = { file: options.file, where: "" };
  if (bytes.length === 0) refuse("E_MODEL_EMPTY", place, "an ONNX model", "an empty file");
  // A plain view: Node's Buffer has another `slice`.
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const message = parse(view, place);
  if (message.graph === undefined) {
    refuse("E_MODEL_GRAPH", place, "a model with a graph", nameForeignFile(view) ?? "none");
  }
  const graph = graphOf(message, message.graph, place);
  rememberOrigin({ graph, message, bytes: view });
  return graph;
}

function parse(bytes: Uint8Array, place: Place): ModelProto {
  try {
    checkWireFormat(bytes, ModelProtoSchema, place.file);
    return fromBinary(ModelProtoSchema, bytes, { recursionLimit: 200 });
  } catch (cause) {
    const foreign = nameForeignFile(bytes);
    if (foreign !== null) refuse("E_MODEL_FOREIGN", place, "an ONNX model", foreign);
    if (cause instanceof QueeError) throw cause;
    return refuse("E_MODEL_WIRE", place, "an ONNX model", cause instanceof Error ? cause.message : show(cause));
  }
}

function graphOf(message: ModelProto, graph: GraphProto, place: Place): Graph {
  const irVersion = Number(message.irVersion);
  if (!(irVersion >= irVersions.from && irVersion <= irVersions.to)) {
    refuse(
      "E_MODEL_VERSION",
      place,
      `an IR version from ${irVersions.from} to ${irVersions.to}`,
      String(message.irVersion),
    );
  }
  if (message.opsetImport.length === 0) refuse("E_MODEL_OPSET", place, "the version of an operator set", "none");
  const opsets = mapOf(
    message.opsetImport.map(({ domain, version }) => [domainOf(domain), Number(version)] as const),
    inside(place, "opset_import"),
  );
  const metadata = mapOf(
    message.metadataProps.map(({ key, value }) => [key, value] as const),
    inside(place, "metadata_props"),
  );
  return { ...decodeGraph(graph, inside(place, "graph"), { irVersion, opsets }), metadata };
}

function decodeGraph(proto: GraphProto, place: Place, facts: ModelFacts): Graph {
  if (proto.sparseInitializer.length > 0) {
    refuse("E_TENSOR_SPARSE", inside(place, "sparse_initializer"), "dense initializers", "sparse ones");
  }
  const initializers = proto.initializer.map((tensor, i): readonly [string, Constant] => {
    const there = inside(place, `initializer[${i}] ${show(tensor.name)}`);
    return [tensor.name, decodeTensor(tensor, there)];
  });
  return {
    name: proto.name,
    ...facts,
    inputs: proto.input.map((value, i) => decodeValue(value, inside(place, `input[${i}] ${show(value.name)}`))),
    outputs: proto.output.map((value, i) => decodeValue(value, inside(place, `output[${i}] ${show(value.name)}`))),
    initializers: mapOf(initializers, inside(place, "initializer")),
    nodes: proto.node.map((node, i) => decodeNode(node, inside(place, `node[${i}] ${node.opType}`), facts)),
    metadata: new Map(),
  };
}

function decodeNode(proto: NodeProto, place: Place, facts: ModelFacts): Node {
  const attributes = proto.attribute.map((attribute): readonly [string, Attribute] => [
    attribute.name,
    decodeAttribute(attribute, inside(place, show(attribute.name)), (graph, at) => decodeGraph(graph, at, facts)),
  ]);
  return {
    name: proto.name,
    op: proto.opType,
    domain: domainOf(proto.domain),
    inputs: proto.input,
    outputs: proto.output,
    attributes: mapOf(attributes, inside(place, "attribute")),
  };
}

/** ONNX's own domain has two spellings. */
function domainOf(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

/** A map refuses what it would swallow: a key that comes twice. */
function mapOf<Value>(entries: readonly (readonly [string, Value])[], place: Place): ReadonlyMap<string, Value> {
  const map = new Map<string, Value>();
  for (const [key, value] of entries) {
    if (map.has(key)) refuse("E_MODEL_TWICE", place, "every name once", `${show(key)} twice`);
    map.set(key, value);
  }
  return map;
}
