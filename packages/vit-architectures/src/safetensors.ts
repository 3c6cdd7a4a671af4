import { QueeError, show } from "@quee/core";
import { sizeOf, type Tensor, tensor } from "@quee/tensor";

/** Trained tensors by the names that a library gave them. */
export type StateDict = ReadonlyMap<string, Tensor>;

/** The length of the header, as 64-bit little-endian, comes first. */
const LENGTH_BYTES = 8;
/** The format's own limit. */
const LONGEST_HEADER_BYTES = 100 * 2 ** 20;

/**
 * The float tensors of a safetensors file (https://github.com/huggingface/safetensors#format): a length, a JSON header with type,
 * shape and byte range of each tensor, and the bytes. float16, bfloat16 and float64 come as float32; tensors of integers (counters) are
 * left out.
 * @throws QueeError (input) naming the tensor whose entry is not one, overlaps another, or reaches outside
 */
export function readSafetensors(bytes: Uint8Array): StateDict {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.byteLength < LENGTH_BYTES ? -1 : Number(view.getBigUint64(0, true));
  const longest = Math.min(bytes.byteLength - LENGTH_BYTES, LONGEST_HEADER_BYTES);
  if (length < 2 || length > longest)
    throw refused("header", `a length from 2 to ${Math.max(longest, 2)}`, String(length));
  const data = bytes.subarray(LENGTH_BYTES + length);
  const entries = readHeader(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length))
    .map(([name, entry]) => readEntry(name, entry, data.byteLength))
    .sort((a, b) => a.from - b.from || a.to - b.to);
  for (const [i, { name, from }] of entries.entries()) {
    const end = entries[i - 1]?.to ?? 0;
    if (from !== end)
      throw refused(`tensor ${show(name)}`, `data from byte ${end}, behind the one before`, String(from));
  }
  const last = entries.at(-1)?.to ?? 0;
  if (last !== data.byteLength) throw refused("data", `${last} bytes, as the header says`, String(data.byteLength));
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, from, to } of entries) {
    const decode = decoders.get(dtype);
    if (decode !== undefined) tensors.set(name, tensor(shape, decode(new Uint8Array(data.subarray(from, to)))));
  }
  return tensors;
}

function readHeader(bytes: Uint8Array): readonly (readonly [string, unknown])[] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw refused("header", "JSON", cause instanceof Error ? cause.message : String(cause));
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw refused("header", "a JSON object", Array.isArray(header) ? "a list" : String(header));
  }
  return Object.entries(header).filter(([name]) => name !== "__metadata__");
}

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

function readEntry(name: string, entry: unknown, dataBytes: number): Entry {
  const where = `tensor ${show(name)}`;
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = (typeof entry === "object" && entry !== null ? entry : {}) as Record<string, unknown>;
  const width = typeof dtype === "string" ? bytesPerElement.get(dtype) : undefined;
  if (typeof dtype !== "string" || width === undefined) {
    throw refused(where, `a type among ${[...bytesPerElement.keys()].join(", ")}`, show(String(dtype)));
  }
  if (!isCounts(shape)) throw refused(where, "a shape of whole numbers", show(JSON.stringify(shape) ?? "none"));
  if (!isCounts(offsets) || offsets.length !== 2) throw refused(where, "two byte offsets", show(String(offsets)));
  const [from, to] = offsets as [number, number];
  if (from > to || to > dataBytes) throw refused(where, `a range within ${dataBytes} bytes`, `${from} to ${to}`);
  const needed = sizeOf(shape) * width;
  if (to - from !== needed) throw refused(where, `${needed} bytes for [${shape.join(", ")}]`, String(to - from));
  return { name, dtype, shape, from, to };
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && (count as number) >= 0);
}

const bytesPerElement: ReadonlyMap<string, number> = new Map([
  ["F64", 8],
  ["F32", 4],
  ["F16", 2],
  ["BF16", 2],
  ["I64", 8],
  ["I32", 4],
  ["I16", 2],
  ["I8", 1],
  ["U8", 1],
  ["BOOL", 1],
]);

/** Little-endian bytes of their own (so aligned) as float32. */
const decoders: ReadonlyMap<string, (bytes: Uint8Array) => Float32Array> = new Map<
  string,
  (bytes: Uint8Array) => Float32Array
>([
  ["F64", ({ buffer }) => Float32Array.from(new Float64Array(buffer))],
  ["F32", ({ buffer }) => new Float32Array(buffer)],
  ["F16", ({ buffer }) => Float32Array.from(new Uint16Array(buffer), halfToFloat)],
  // The upper half of a float32.
  ["BF16", ({ buffer }) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer)],
]);

/** IEEE 754 binary16: sign, 5 bits of exponent (bias 15), 10 bits of fraction. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0) return sign * 2 ** -14 * fraction;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction);
}

function refused(where: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_SAFETENSORS", kind: "input", where, expected, got });
}
