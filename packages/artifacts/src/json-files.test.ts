import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { readJson, writeJson } from "./json-files.js";
import { failureOf, temporaryFolder } from "./temporary-folder.test.data.js";

const schema = z.strictObject({
  schemaVersion: z.literal(1),
  gates: z.array(z.strictObject({ rmse: z.number(), note: z.string().optional() })),
});
const value = { schemaVersion: 1 as const, gates: [{ rmse: 0.5 }, { rmse: 1e-7, note: "ü" }] };

test("a value comes back, and the same value gives the same bytes whatever the order of its fields", async () => {
  const file = join(temporaryFolder(onTestFinished), "a.json");
  const first = await writeJson(file, schema, value);
  expect(await readJson(file, schema)).toEqual(value);
  expect(await writeJson(file, schema, { gates: value.gates, schemaVersion: 1 })).toEqual(first);
  expect(readFileSync(file, "utf8")).toBe(
    '{"gates": [{"rmse": 0.5}, {"note": "ü", "rmse": 1e-7}], "schemaVersion": 1}\n',
  );
});

test("writing what does not fit its own schema is a bug of ours and leaves the old file", async () => {
  const file = join(temporaryFolder(onTestFinished), "a.json");
  await writeJson(file, schema, value);
  const wrong = { ...value, gates: [{ rmse: Number.NaN }] };
  expect(await failureOf(() => writeJson(file, schema, wrong))).toMatchObject({
    kind: "internal",
    where: "gates[0].rmse",
  });
  expect(await readJson(file, schema)).toEqual(value);
});

describe("reading tells the field, what was expected and what came:", () => {
  test.each<[string, string | Uint8Array, Record<string, unknown>]>([
    [
      "a wrong type",
      '{"schemaVersion":1,"gates":[{"rmse":"x"}]}',
      { where: "gates[0].rmse", expected: "number", got: '"x"' },
    ],
    ["a missing field", '{"schemaVersion":1}', { where: "gates", expected: "array", got: "nothing" }],
    ["another version", '{"schemaVersion":2,"gates":[]}', { where: "schemaVersion", got: "2" }],
    ["an unknown field", '{"schemaVersion":1,"gates":[],"x":1}', { where: "the whole file", got: "an object" }],
    ["a number too large for JSON", '{"schemaVersion":1,"gates":[{"rmse":1e400}]}', { where: "gates[0].rmse" }],
    ["two wrong fields", '{"schemaVersion":2,"gates":1}', { hint: "1 more field does not fit" }],
    ["half a file", '{"schemaVersion":1,"ga', { code: "E_JSON_SYNTAX", expected: "JSON" }],
    ["an empty file", "", { code: "E_JSON_SYNTAX" }],
    ["a byte order mark", '\ufeff{"schemaVersion":1,"gates":[]}', { code: "E_JSON_SYNTAX" }],
    ["bytes that are not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), { code: "E_JSON_UTF8" }],
    ["NaN", '{"schemaVersion":1,"gates":[{"rmse":NaN}]}', { code: "E_JSON_SYNTAX" }],
  ])("%s", async (_, content, expected) => {
    const file = join(temporaryFolder(onTestFinished), "a.json");
    writeFileSync(file, content);
    const failure = await failureOf(() => readJson(file, schema));
    expect(failure).toMatchObject({ name: "QueeError", kind: "artifact", file, ...expected });
  });

  test("the kind that the reader asks for, also where the file is absent or too large", async () => {
    const file = join(temporaryFolder(onTestFinished), "a.json");
    expect(await failureOf(() => readJson(file, schema, { kind: "input" }))).toMatchObject({ kind: "input", file });
    writeFileSync(file, "{}");
    expect(await failureOf(() => readJson(file, schema, { kind: "config" }))).toMatchObject({ kind: "config" });
    expect(await failureOf(() => readJson(file, schema, { kind: "input", maxBytes: 1 }))).toMatchObject({
      kind: "input",
      expected: "at most 1 bytes",
      got: "2 bytes",
    });
  });

  test("a folder is not a file", async () => {
    expect(await failureOf(() => readJson(temporaryFolder(onTestFinished), schema))).toMatchObject({
      expected: "a regular file",
    });
  });
});
