import { fc, test } from "@fast-check/vitest";
import { bits } from "@quee/core";
import { expect } from "vitest";
import { packCodes, packedBytes, unpackCodes } from "./code-packing.js";

const cases = fc.integer({ min: 2, max: 8 }).chain((width) => {
  const code = fc.integer({ min: -(2 ** (width - 1)), max: 2 ** (width - 1) - 1 });
  return fc.tuple(fc.constant(bits(width)), fc.array(code, { maxLength: 70 }));
});

test.prop([cases])("codes come back as they were, from as many bits as they have", ([width, codes]) => {
  const packed = packCodes(Int8Array.from(codes), width);
  expect(packed.length).toBe(Math.ceil((codes.length * width) / 8));
  expect([...unpackCodes(packed, codes.length, width)]).toEqual(codes);
});

test("the layout: code + 2^(b−1), lowest bits first, across bytes", () => {
  // −4 → 000, 3 → 111, 0 → 100, −1 → 011, from the right.
  expect(packCodes(Int8Array.of(-4, 3, 0, -1), bits(3))).toEqual(Uint8Array.of(0b00_111_000, 0b0000_011_1));
  expect(packCodes(Int8Array.of(-128, 127), bits(8))).toEqual(Uint8Array.of(0, 255));
  expect(packedBytes(65_536, bits(6))).toBe(49_152);
});

test("codes that do not fit and bytes that are missing are refused", () => {
  expect(() => packCodes(Int8Array.of(0, 8), bits(4))).toThrow(/code 1: expected -8 to 7 \(4 bits\), got 8/);
  expect(() => unpackCodes(new Uint8Array(2), 5, bits(4))).toThrow(/expected 3 bytes for 5 codes of 4 bits, got 2/);
});
