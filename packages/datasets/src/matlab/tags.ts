/** Numbers of the types of elements. */
export const elementTypes = {
  int8: 1,
  uint8: 2,
  int32: 5,
  uint32: 6,
  matrix: 14,
  compressed: 15,
} as const;

/** What stands before a variable: the type of its element and where in the file its bytes lie. */
export interface Tag {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/** Numeric element types: bytes of a number, and how to read one. Others hold no plain numbers. */
export const numberTypes: ReadonlyMap<
  number,
  {
    readonly name: string;
    readonly bytes: number;
    readonly get: (view: DataView, at: number, little: boolean) => number;
  }
> = new Map([
  [1, { name: "int8", bytes: 1, get: (view, at) => view.getInt8(at) }],
  [2, { name: "uint8", bytes: 1, get: (view, at) => view.getUint8(at) }],
  [3, { name: "int16", bytes: 2, get: (view, at, little) => view.getInt16(at, little) }],
  [4, { name: "uint16", bytes: 2, get: (view, at, little) => view.getUint16(at, little) }],
  [5, { name: "int32", bytes: 4, get: (view, at, little) => view.getInt32(at, little) }],
  [6, { name: "uint32", bytes: 4, get: (view, at, little) => view.getUint32(at, little) }],
  [7, { name: "single", bytes: 4, get: (view, at, little) => view.getFloat32(at, little) }],
  [9, { name: "double", bytes: 8, get: (view, at, little) => view.getFloat64(at, little) }],
  [12, { name: "int64", bytes: 8, get: (view, at, little) => Number(view.getBigInt64(at, little)) }],
  [13, { name: "uint64", bytes: 8, get: (view, at, little) => Number(view.getBigUint64(at, little)) }],
]);

/** Names of the classes of arrays, by their numbers. */
export const arrayClasses: readonly (string | undefined)[] = [
  undefined,
  "cell",
  "struct",
  "object",
  "char",
  "sparse",
  "double",
  "single",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "function",
  "opaque",
];
