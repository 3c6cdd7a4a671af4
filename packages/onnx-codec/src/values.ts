import { create } from "@bufbuild/protobuf";
import type { Dim, ValueInfo } from "@quee/onnx-graph";
import { elementTypeOf, elementTypes, nameOfElementType } from "./element-types.js";
import { type TensorShapeProto, type ValueInfoProto, ValueInfoProtoSchema } from "./generated/onnx_pb.js";
import { type Place, refuse } from "./refuse.js";
import { sizeFrom } from "./tensors.js";

/** A graph input or output. Sequences, maps and optionals are refused: a vision network has none. */
export function decodeValue({ name, type }: ValueInfoProto, place: Place): ValueInfo {
  if (type?.value.case !== "tensorType") {
    return refuse("E_VALUE_TYPE", place, "a tensor type", type?.value.case ?? "none");
  }
  const { elemType, shape } = type.value.value;
  const dtype = elementTypeOf(elemType);
  if (dtype === undefined) return refuse("E_VALUE_TYPE", place, "a known element type", nameOfElementType(elemType));
  return { name, dtype, shape: shape === undefined ? null : decodeShape(shape, place) };
}

function decodeShape({ dim }: TensorShapeProto, place: Place): readonly Dim[] {
  return dim.map(({ value }) => {
    if (value.case === "dimValue") return sizeFrom(value.value, place);
    return value.case === "dimParam" && value.value !== "" ? value.value : null;
  });
}

export function encodeValue({ name, dtype, shape }: ValueInfo): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: "tensorType",
        value: {
          elemType: elementTypes[dtype].code,
          ...(shape === null ? {} : { shape: { dim: shape.map((dim) => ({ value: encodeDim(dim) })) } }),
        },
      },
    },
  });
}

function encodeDim(dim: Dim) {
  if (dim === null) return { case: undefined };
  if (typeof dim === "number") return { case: "dimValue", value: BigInt(dim) } as const;
  return { case: "dimParam", value: dim } as const;
}
