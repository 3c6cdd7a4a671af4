import { create } from "@bufbuild/protobuf";
import { assertNever, QueeError, show } from "@quee/core";
import type { Attribute, Graph } from "@quee/onnx-graph";
import {
  type AttributeProto,
  type AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  AttributeProto_AttributeType as Type,
} from "./generated/onnx_pb.js";
import { inside, type Place, refuse } from "./refuse.js";
import { decodeTensor, encodeTensor } from "./tensors.js";

const largest = 2n ** 63n - 1n;
const strictText = new TextDecoder("utf-8", { fatal: true });

/** @param decodeGraph for attributes that hold a graph: branches and loop bodies */
export function decodeAttribute(
  proto: AttributeProto,
  place: Place,
  decodeGraph: (graph: GraphProto, place: Place) => Graph,
): Attribute {
  if (proto.refAttrName !== "") refuse("E_ATTRIBUTE", place, "a value", "a reference outside of a function");
  const type = proto.type as AttributeProto_AttributeType;
  switch (type) {
    case Type.INT:
      return { kind: "int", value: numberFrom(proto.i, place) };
    case Type.INTS:
      return { kind: "ints", value: proto.ints.map((i) => numberFrom(i, place)) };
    case Type.FLOAT:
      return { kind: "float", value: proto.f };
    case Type.FLOATS:
      return { kind: "floats", value: proto.floats };
    case Type.STRING:
      return { kind: "string", value: textFrom(proto.s, place) };
    case Type.STRINGS:
      return { kind: "strings", value: proto.strings.map((s) => textFrom(s, place)) };
    case Type.TENSOR:
      if (proto.t === undefined) refuse("E_ATTRIBUTE", place, "a tensor", "none");
      return { kind: "tensor", value: decodeTensor(proto.t, inside(place, "t")) };
    case Type.GRAPH:
      if (proto.g === undefined) refuse("E_ATTRIBUTE", place, "a graph", "none");
      return { kind: "graph", value: decodeGraph(proto.g, inside(place, "g")) };
    default:
      return refuse("E_ATTRIBUTE", place, "numbers, text, a tensor or a graph", Type[type] ?? `type ${proto.type}`);
  }
}

export function encodeAttribute(
  name: string,
  attribute: Attribute,
  encodeGraph: (graph: Graph) => GraphProto,
): AttributeProto {
  return create(AttributeProtoSchema, { name, ...fieldsOf(name, attribute, encodeGraph) });
}

function fieldsOf(name: string, attribute: Attribute, encodeGraph: (graph: Graph) => GraphProto) {
  const utf8 = new TextEncoder();
  switch (attribute.kind) {
    case "int":
      return { type: Type.INT, i: bigintFrom(attribute.value, name) };
    case "ints":
      return { type: Type.INTS, ints: attribute.value.map((value) => bigintFrom(value, name)) };
    case "float":
      return { type: Type.FLOAT, f: Math.fround(attribute.value) };
    case "floats":
      return { type: Type.FLOATS, floats: attribute.value.map(Math.fround) };
    case "string":
      return { type: Type.STRING, s: utf8.encode(attribute.value) };
    case "strings":
      return { type: Type.STRINGS, strings: attribute.value.map((text) => utf8.encode(text)) };
    case "tensor":
      return { type: Type.TENSOR, t: encodeTensor(attribute.value, "") };
    case "graph":
      return { type: Type.GRAPH, g: encodeGraph(attribute.value) };
    default:
      return assertNever(attribute);
  }
}

/** ±2^63 stand for "to the end" in slices: the largest number becomes 2^63 here and is itself again when written. */
function numberFrom(value: bigint, place: Place): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) && value !== largest && value !== -largest - 1n) {
    refuse("E_ATTRIBUTE", place, "a whole number below 2^53", String(value));
  }
  return number;
}

function bigintFrom(value: number, name: string): bigint {
  if (!Number.isInteger(value) || Math.abs(value) > 2 ** 63) {
    throw new QueeError({
      code: "E_ATTRIBUTE",
      kind: "internal",
      where: `attribute "${name}"`,
      expected: "a whole number of 64 bits",
      got: show(value),
      hint: "Write float(…) for a number that is none",
    });
  }
  const whole = BigInt(value);
  return whole > largest ? largest : whole;
}

function textFrom(bytes: Uint8Array, place: Place): string {
  try {
    return strictText.decode(bytes);
  } catch {
    return refuse("E_ATTRIBUTE", place, "text in UTF-8", `${bytes.length} other bytes`);
  }
}
