import { expect, test } from "vitest";
import { exactTypeOf, exactWeightType, type IntegerProduct } from "./exact-weight-type.js";

const int16 = (value: number) => Math.max(-32768, Math.min(32767, value));

/** Products of int8 as a processor without VNNI adds them up: neighbours in 16 bits, which saturate; exact for uint8. */
const withoutVnni: IntegerProduct = async (a, b, { rows, inner, columns }) => {
  const sums = new Int32Array(rows * columns);
  const at = (row: number, column: number, k: number) =>
    k < inner ? (a[row * inner + k] as number) * (b[k * columns + column] as number) : 0;
  for (let i = 0; i < sums.length; i++) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    for (let k = 0; k < inner; k += 2) {
      const pair = at(row, column, k) + at(row, column, k + 1);
      sums[i] = (sums[i] as number) + (b instanceof Int8Array ? int16(pair) : pair);
    }
  }
  return sums;
};

const exactly: IntegerProduct = async (a, b, { rows, inner, columns }) =>
  Int32Array.from({ length: rows * columns }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      sum += (a[Math.floor(i / columns) * inner + k] as number) * (b[k * columns + (i % columns)] as number);
    }
    return sum;
  });

test("exact sums take int8, sums that saturate in pairs take uint8", async () => {
  expect(await exactTypeOf(exactly)).toBe("int8");
  expect(await exactTypeOf(withoutVnni)).toBe("uint8");
});

test.each([0, 66, 67 * 13 - 1])("one wrong sum in the whole product is enough, at place %d too", async (place) => {
  const off: IntegerProduct = async (a, b, shape) => {
    const sums = await exactly(a, b, shape);
    if (b instanceof Int8Array && place < sums.length) sums[place] = (sums[place] as number) + 1;
    return sums;
  };
  expect(await exactTypeOf(off)).toBe("uint8");
});

test("a processor without any exact product is told so", async () => {
  const wrong: IntegerProduct = async (_, __, { rows, columns }) => new Int32Array(rows * columns);
  await expect(exactTypeOf(wrong)).rejects.toMatchObject({ kind: "environment", code: "E_INEXACT_PRODUCTS" });
});

test("this processor has an exact product, and is asked once", async () => {
  expect(["int8", "uint8"]).toContain(await exactWeightType());
  expect(exactWeightType()).toBe(exactWeightType());
});
