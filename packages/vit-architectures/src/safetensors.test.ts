import { test as property } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readSafetensors } from "./safetensors.js";

/** A file of a header and data bytes. */
function file(header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const bytesOf = (array: Float32Array | Uint16Array | Float64Array) => new Uint8Array(array.buffer);

test("every float type comes as float32, and integers are left out", () => {
  const parts = [
    bytesOf(Float32Array.of(1.5, -2)),
    // 1, −0.5, the smallest subnormal, infinity.
    bytesOf(Uint16Array.of(0x3c00, 0xb800, 0x0001, 0x7c00)),
    bytesOf(Uint16Array.of(0x3f80, 0xc040)),
    bytesOf(Float64Array.of(0.1)),
    new Uint8Array(8),
  ];
  const offsets = parts.map((_, i) => parts.slice(0, i + 1).reduce((sum, part) => sum + part.length, 0));
  const entry = (i: number, dtype: string, shape: number[]) => ({
    dtype,
    shape,
    data_offsets: [offsets[i - 1] ?? 0, offsets[i]],
  });
  const header = {
    __metadata__: { format: "pt" },
    f32: entry(0, "F32", [2]),
    f16: entry(1, "F16", [2, 2]),
    bf16: entry(2, "BF16", [2, 1]),
    f64: entry(3, "F64", []),
    steps: entry(4, "I64", [1]),
  };
  const data = Uint8Array.from(parts.flatMap((part) => [...part]));
  // A Buffer of a pool, at an odd place: what reading a file gives.
  const whole = Buffer.concat([Buffer.alloc(3), file(header, data)]).subarray(3);
  const tensors = readSafetensors(whole);
  expect([...tensors.keys()]).toEqual(["f32", "f16", "bf16", "f64"]);
  expect(tensors.get("f32")).toEqual({ shape: [2], data: Float32Array.of(1.5, -2) });
  expect(tensors.get("f16")).toEqual({
    shape: [2, 2],
    data: Float32Array.of(1, -0.5, 2 ** -24, Number.POSITIVE_INFINITY),
  });
  expect(tensors.get("bf16")).toEqual({ shape: [2, 1], data: Float32Array.of(1, -3) });
  expect(tensors.get("f64")).toEqual({ shape: [], data: Float32Array.of(0.1) });
});

const four = new Uint8Array(4);
const good = { dtype: "F32", shape: [1], data_offsets: [0, 4] };

test.each<[string, Uint8Array, RegExp]>([
  ["no length", new Uint8Array(5), /header: expected a length/],
  ["a header longer than the file", file("").fill(255, 0, 8), /header: expected a length from 2 to/],
  ["no JSON", file("{nonsense"), /header: expected JSON/],
  ["a list", file([1]), /header: expected a JSON object, got a list/],
  ["an unknown type", file({ a: { ...good, dtype: "F4" } }, four), /tensor "a": expected a type among F64/],
  ["an entry that is null", file({ a: null }, four), /tensor "a": expected a type/],
  [
    "a negative dimension",
    file({ a: { ...good, shape: [-1] } }, four),
    /tensor "a": expected a shape of whole numbers/,
  ],
  ["a huge shape", file({ a: { ...good, shape: [2 ** 40, 2 ** 40] } }, four), /tensor "a": expected .* bytes for/],
  ["a range outside", file({ a: { ...good, data_offsets: [0, 400] } }, four), /tensor "a": expected a range within 4/],
  ["one offset", file({ a: { ...good, data_offsets: [0] } }, four), /tensor "a": expected two byte offsets/],
  ["an overlap", file({ a: good, b: good }, four), /tensor "b": expected data from byte 4/],
  ["bytes that no tensor has", file({ a: good }, new Uint8Array(8)), /data: expected 4 bytes/],
])("%s is refused in words", (_, bytes, message) => {
  expect(() => readSafetensors(bytes)).toThrow(message);
});

test("a tensor called __proto__ is a tensor like others", () => {
  const bytes = file(`{"__proto__":${JSON.stringify(good)}}`, four);
  expect([...readSafetensors(bytes).keys()]).toEqual(["__proto__"]);
});

property.prop([fc.uint8Array({ maxLength: 200 })])(
  "noise is read or refused as input, never anything else",
  (noise) => {
    const length = Uint8Array.from([noise.length % 200, 0, 0, 0, 0, 0, 0, 0]);
    for (const bytes of [noise, Uint8Array.from([...length, ...noise])]) {
      try {
        readSafetensors(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: "E_SAFETENSORS", kind: "input" });
      }
    }
  },
);
