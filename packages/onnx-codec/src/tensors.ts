import { create, isFieldSet } from "@bufbuild/protobuf";
import { QueeError, show } from "@quee/core";
import type { Constant } from "@quee/onnx-graph";
import { elementTypeOf, elementTypes, nameOfElementType, valueLists } from "./element-types.js";
import { type TensorProto, TensorProtoSchema } from "./generated/onnx_pb.js";
import { type Place, refuse } from "./refuse.js";

/** Values are copied into an aligned array of their own: raw_data may begin at any byte of the file. */
export function decodeTensor(proto: TensorProto, place: Place): Constant {
  refuseValuesElsewhere(proto, place);
  const dtype = elementTypeOf(proto.dataType);
  if (dtype === undefined || dtype === "string") {
    return refuse("E_TENSOR_TYPE", place, "numbers or booleans of 8 to 64 bits", nameOfElementType(proto.dataType));
  }
  const { bytes, list, range, view } = elementTypes[dtype];
  const dims = proto.dims.map((dim) => sizeFrom(dim, place));
  const count = dims.includes(0) ? 0 : dims.reduce((product, dim) => product * dim, 1);
  const shape = `[${dims.join(", ")}] of ${dtype}`;

  const given = valueLists.filter((name) => proto[name].length > 0);
  const raw = isFieldSet(proto, TensorProtoSchema.field.rawData);
  if (given.length + (raw ? 1 : 0) > 1) {
    refuse(
      "E_TENSOR_DATA",
      place,
      "values in one field",
      `in ${[...(raw ? ["rawData"] : []), ...given].join(" and ")}`,
    );
  }
  if (raw) {
    if (proto.rawData.length !== count * bytes) {
      refuse("E_TENSOR_DATA", place, `${count * bytes} bytes for ${shape}`, String(proto.rawData.length));
    }
    return { dtype, dims, data: view(new Uint8Array(proto.rawData)) };
  }
  if (given.length > 0 && given[0] !== list)
    refuse("E_TENSOR_DATA", place, `${dtype} values in ${list}`, `in ${given[0]}`);
  const values = proto[list] as readonly (number | bigint)[];
  if (values.length !== count) refuse("E_TENSOR_DATA", place, `${count} values for ${shape}`, String(values.length));
  const data = new DataView(new ArrayBuffer(count * bytes));
  for (let i = 0; i < count; i++) {
    const value = values[i] as number | bigint;
    if (range !== undefined && (value < range[0] || value > range[1])) {
      refuse("E_TENSOR_DATA", place, `${dtype} values from ${range[0]} to ${range[1]}`, `${value} at ${i}`);
    }
    write(data, i * bytes, list, bytes, value);
  }
  return { dtype, dims, data: view(new Uint8Array(data.buffer)) };
}

function write(to: DataView, at: number, list: string, bytes: number, value: number | bigint): void {
  if (list === "floatData") to.setFloat32(at, Number(value), true);
  else if (list === "doubleData") to.setFloat64(at, Number(value), true);
  else if (bytes === 8) to.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), true);
  else if (bytes === 4) to.setUint32(at, Number(value), true);
  else if (bytes === 2) to.setUint16(at, Number(value), true);
  else to.setUint8(at, Number(value));
}

function refuseValuesElsewhere(proto: TensorProto, place: Place): void {
  if (proto.externalData.length > 0 || proto.dataLocation !== 0) {
    const path = proto.externalData.find(({ key }) => key === "location")?.value;
    const got = path === undefined ? "external data without a location" : `external data in ${show(path)}`;
    refuse("E_TENSOR_EXTERNAL", place, "values in the model file", got, "Save the model as one file, weights included");
  }
  if (proto.segment !== undefined) refuse("E_TENSOR_DATA", place, "a whole tensor", "a segment of one");
}

/** Sizes and counts of a file, which may be any 64-bit number. */
export function sizeFrom(dim: bigint, place: Place): number {
  if (dim < 0n || dim > BigInt(Number.MAX_SAFE_INTEGER)) {
    refuse("E_TENSOR_DIMS", place, "dimensions of 0 or more", String(dim));
  }
  return Number(dim);
}

/** All values go to raw_data, little-endian: what exporters do. */
export function encodeTensor({ dtype, dims, data }: Constant, name: string): TensorProto {
  const { code, bytes } = elementTypes[dtype];
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (dtype === "string" || data.byteLength !== count * bytes) {
    throw new QueeError({
      code: "E_TENSOR_DATA",
      kind: "internal",
      where: `tensor "${name}", [${dims.join(", ")}] of ${dtype}`,
      expected: dtype === "string" ? "no text" : `${count * bytes} bytes`,
      got: String(data.byteLength),
    });
  }
  return create(TensorProtoSchema, {
    ...(name === "" ? {} : { name }),
    dims: dims.map(BigInt),
    dataType: code,
    rawData: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
  });
}
