import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { errorOf } from "../testing/error-of.js";
import { type MadeVariable, matBytes } from "../testing/mat-bytes.js";
import { readSvhn } from "./read-svhn.js";

const root = mkdtempSync(join(tmpdir(), "quee-svhn-"));
afterAll(() => rmSync(root, { recursive: true }));

/** Value at (row, column, channel) of image n, as MATLAB lays it: rows closest together. */
const at = (row: number, column: number, channel: number, n: number) => (row * 7 + column * 3 + channel + n * 11) % 256;

function images(count: number): MadeVariable {
  const values = new Uint8Array(3072 * count);
  let place = 0;
  for (let n = 0; n < count; n++)
    for (let channel = 0; channel < 3; channel++)
      for (let column = 0; column < 32; column++)
        for (let row = 0; row < 32; row++) values[place++] = at(row, column, channel, n);
  return { name: "X", shape: [32, 32, 3, count], values };
}

const labels: MadeVariable = { name: "y", shape: [5, 1], values: Uint8Array.of(1, 10, 9, 10, 2) };

function put(variables: readonly MadeVariable[], isPacked = true): string {
  writeFileSync(join(root, "made.mat"), matBytes(variables, { isPacked }));
  return "made.mat";
}

const read = (file: string, range: { from?: number; count?: number } = {}) =>
  readSvhn({ root, files: [{ file, ...range }], role: "train" });

describe("cropped digits", () => {
  test.each([true, false])(
    "are read with rows and columns in their places, 10 as the digit 0 (packed: %s)",
    async (isPacked) => {
      const split = await read(put([images(5), labels], isPacked));
      expect([split.count, split.classCount, split.imageShape, split.role]).toEqual([5, 10, [3, 32, 32], "train"]);
      expect([...split.labels]).toEqual([1, 0, 9, 0, 2]);
      for (const [row, column, channel, n] of [
        [0, 0, 0, 0],
        [31, 0, 2, 4],
        [5, 30, 1, 3],
      ] as const) {
        expect(split.image(n)[channel * 1024 + row * 32 + column]).toBe(at(row, column, channel, n));
      }
    },
  );

  test("a range gives the images and labels of the range", async () => {
    const whole = await read(put([images(5), labels]));
    const part = await read("made.mat", { from: 2, count: 2 });
    expect([...part.labels]).toEqual([9, 0]);
    expect([part.image(0), part.image(1)]).toEqual([whole.image(2), whole.image(3)]);
    expect((await errorOf(() => read("made.mat", { from: 4, count: 2 }))).code).toBe("E_DATA_RANGE");
  });

  test("labels may come first, as doubles, and other variables between", async () => {
    const y = { name: "y", shape: [1, 5], values: Float64Array.of(3, 10, 1, 1, 1) };
    const other = { name: "info", shape: [1, 2], values: Uint8Array.of(1, 2) };
    expect([...(await read(put([y, other, images(5)]))).labels]).toEqual([3, 0, 1, 1, 1]);
  });

  test("labels that are no whole numbers are refused", async () => {
    const y = { name: "y", shape: [5, 1], values: Float64Array.of(1, 2, 2.5, 1, 1) };
    expect((await errorOf(() => read(put([images(5), y])))).message).toContain("y[2]: expected a label from 1 to 10");
  });
});
