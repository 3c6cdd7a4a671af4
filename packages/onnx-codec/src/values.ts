import { create } from "@bufbuild/protobuf";
import type { Dim, ValueInfo } from "@quee/onnx-graph";
import { elementTypeOf, elementTypes, nameOfElementType } from "./element-types.js";
import {
  TensorProto_DataType as DataType,
  type TensorShapeProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./generated/onnx_pb.js";
import { type Place, refuse } from "./refuse.js";
import { sizeFrom } from "./tensors.js";

/**
 * A graph input or output. One that is no tensor, or of elements that the graph does not name, has no dtype there: a vision
 * network has none, and an unchanged model keeps it.
 */
export function decodeValue({ name, type }: ValueInfoProto, place: Place): ValueInfo {
  if (type?.value.case === undefined) return refuse("E_VALUE_TYPE", place, "a type", "none");
  if (type.value.case !== "tensorType") return { name, dtype: null, shape: null };
  const { elemType, shape } = type.value.value;
  const isNamed = DataType[elemType] !== undefined && elemType !== DataType.UNDEFINED;
  if (!isNamed) return refuse("E_VALUE_TYPE", place, "a known element type", nameOfElementType(elemType));
  return {
    name,
    dtype: elementTypeOf(elemType) ?? null,
    shape: shape === undefined ? null : decodeShape(shape, place),
  };
}

function decodeShape({ dim }: TensorShapeProto, place: Place): readonly Dim[] {
  return dim.map(({ value }) => {
    if (value.case === "dimValue") return sizeFrom(value.value, place);
    return value.case === "dimParam" && value.value !== "" ? value.value : null;
  });
}

/** @throws QueeError where the type is not named: only an unchanged model can be written with it */
export function encodeValue({ name, dtype, shape }: ValueInfo): ValueInfoProto {
  if (dtype === null)
    return refuse(
      "E_VALUE_TYPE",
      { file: undefined, where: `value "${name}"` },
      "a type that can be written",
      "an unnamed one",
    );
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
