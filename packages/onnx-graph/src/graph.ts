import type { Tensor, TensorData } from "@quee/tensor";

/** Element types of ONNX that this library names. Tensors of the others are refused by the codec. */
export type DType =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "bool"
  | "string";

/** A constant. `data` is row-major; types without a typed array of ours keep their bytes (`Uint8Array`). */
export interface Constant {
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** A number, the name of a symbolic dimension, or null for unknown. */
export type Dim = number | string | null;

export interface ValueInfo {
  readonly name: string;
  /** null: a type that is not named here (float8, int4, sequences, optionals). It goes through an unchanged model only. */
  readonly dtype: DType | null;
  /** null: unknown rank. */
  readonly shape: readonly Dim[] | null;
}

export type Attribute =
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "strings"; readonly value: readonly string[] }
  | { readonly kind: "tensor"; readonly value: Constant }
  | { readonly kind: "graph"; readonly value: Graph };

/** One operator. An empty input or output name is an absent optional one. */
export interface Node {
  readonly name: string;
  readonly op: string;
  /** "" is the ONNX domain. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** An ONNX model with its one graph. Immutable: passes return a new one. Names from outside live in maps, never in objects. */
export interface Graph {
  readonly name: string;
  readonly irVersion: number;
  /** Version of each operator set, by domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<string, Constant>;
  /** In topological order. */
  readonly nodes: readonly Node[];
  readonly metadata: ReadonlyMap<string, string>;
}

export function constant(shape: readonly number[], data: Float32Array): Constant {
  return { dtype: "float32", dims: shape, data };
}

/** A rank-1 int64 constant, as shapes and axes are given to operators. */
export function int64Constant(values: readonly number[]): Constant {
  return { dtype: "int64", dims: [values.length], data: BigInt64Array.from(values, BigInt) };
}

export function scalar(value: number): Constant {
  return { dtype: "float32", dims: [], data: Float32Array.of(value) };
}

export function fromTensor({ shape, data }: Tensor): Constant {
  return { dtype: "float32", dims: shape, data };
}
