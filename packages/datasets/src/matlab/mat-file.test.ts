import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fc, test } from "@fast-check/vitest";
import { QueeError } from "@quee/core";
import { afterAll, describe, expect } from "vitest";
import { errorOf } from "../testing/error-of.js";
import { matBytes } from "../testing/mat-bytes.js";
import { readMatFile } from "./mat-file.js";

const root = mkdtempSync(join(tmpdir(), "quee-mat-"));
afterAll(() => rmSync(root, { recursive: true }));

interface Read {
  readonly name: string;
  readonly className: string;
  readonly shape: readonly number[];
  readonly values: readonly number[] | null;
}

async function readAll(file: string): Promise<readonly Read[]> {
  const found: Read[] = [];
  await readMatFile(file, async ({ name, className, shape, numeric }) => {
    found.push({ name, className, shape, values: numeric === null ? null : [...(await numeric.readAll())] });
  });
  return found;
}

async function readBytes(bytes: Uint8Array): Promise<readonly Read[]> {
  const file = join(root, "made.mat");
  writeFileSync(file, bytes);
  return readAll(file);
}

const variables = [
  { name: "X", shape: [2, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 255) },
  { name: "long_name", shape: [3, 1], values: Float64Array.of(0.5, -1, 1e300) },
];

describe("what was written is read", () => {
  test.each([true, false])("packed: %s", async (isPacked) => {
    expect(await readBytes(matBytes(variables, { isPacked }))).toEqual([
      { name: "X", className: "uint8", shape: [2, 3], values: [1, 2, 3, 4, 5, 255] },
      { name: "long_name", className: "double", shape: [3, 1], values: [0.5, -1, 1e300] },
    ]);
  });

  test("a variable that is not asked for is not unpacked: its damage does not matter", async () => {
    const values = new Uint8Array(2_000_000).map((_, i) => Math.imul(i, i) >>> 7);
    const bytes = matBytes([{ name: "skip", shape: [values.length, 1], values }]);
    bytes[bytes.length - 1] ^= 0xff;
    const file = join(root, "skipped.mat");
    writeFileSync(file, bytes);
    const names: string[] = [];
    await readMatFile(file, async ({ name }) => void names.push(name));
    expect(names).toEqual(["skip"]);
    expect((await errorOf(() => readAll(file))).code).toBe("E_DATA_DAMAGED");
  });
});

describe("damage is refused by name and never more memory taken than the file can fill", () => {
  test.prop([fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean()], { numRuns: 300 })(
    "any byte changed: read, or a named error",
    async (at, change, isPacked) => {
      const bytes = matBytes(variables, { isPacked });
      bytes[at % bytes.length] ^= change;
      await readBytes(bytes).catch((error) => expect(error).toBeInstanceOf(QueeError));
    },
  );

  test.prop([fc.nat()], { numRuns: 100 })("cut off anywhere behind its beginning", async (length) => {
    const bytes = matBytes(variables);
    const cut = bytes.subarray(0, length % bytes.length);
    const read = await readBytes(cut).catch((error) => error);
    // What is cut exactly between two variables is a shorter file.
    expect(read instanceof QueeError || (Array.isArray(read) && read.length < 2)).toBe(true);
  });

  test("an array that promises more than its packed bytes can hold", async () => {
    const error = await errorOf(() =>
      readBytes(matBytes([{ name: "X", shape: [1, 1], values: new Uint8Array(4_000_000) }])),
    );
    expect(error.message).toMatch(/expected 1 values of X \(1×1\), got 4000000 bytes of uint8/);
  });
});
