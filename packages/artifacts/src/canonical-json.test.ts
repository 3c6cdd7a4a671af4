import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.js";

const lines = { mode: "lenient", layout: "lines" } as const;

test("keys are sorted at every level, and numbers keep their value", () => {
  expect(canonicalJson({ b: [1, { d: 0.1, c: null }], a: "ü\n" })).toBe('{"a":"ü\\n","b":[1,{"c":null,"d":0.1}]}');
});

test("code points decide the order, not a language", () => {
  expect(canonicalJson({ ä: 1, z: 2, Z: 3, a: 4 })).toBe('{"Z":3,"a":4,"z":2,"ä":1}');
});

test("what fits a line stays on it, what does not is broken", () => {
  const value = { short: { b: 1, a: [1, 2] }, list: [{ text: "x".repeat(80) }, { text: "y".repeat(80) }] };
  expect(canonicalJson(value, lines)).toBe(
    [
      "{",
      '  "list": [',
      `    {"text": "${"x".repeat(80)}"},`,
      `    {"text": "${"y".repeat(80)}"}`,
      "  ],",
      '  "short": {"a": [1, 2], "b": 1}',
      "}",
    ].join("\n"),
  );
});

describe("refuses, naming the place,", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  test.each<[string, unknown, RegExp]>([
    ["NaN", { a: [1, Number.NaN] }, /^a\[1\]: expected a finite number, got NaN$/],
    ["infinity", { a: { b: Number.NEGATIVE_INFINITY } }, /^a\.b: .*got -Infinity/],
    ["-0", { a: -0 }, /^a: .*got -0/],
    ["undefined", { a: undefined }, /^a: .*got undefined/],
    ["a hole in a list", { a: new Array(2) }, /^a\[0\]: .*got undefined/],
    ["a typed array", { a: new Float32Array(2) }, /^a: .*got a Float32Array/],
    ["a map", new Map(), /^value: .*got a Map/],
    ["a date", { a: new Date(0) }, /got a Date/],
    ["a big integer", { a: 1n }, /got bigint/],
    ["a function", { a: () => 1 }, /got function/],
    ["half a character", { a: "\ud800" }, /^a: expected text without lone surrogates/],
    ["a cycle", cycle, /no cycle/],
  ])("%s", (_, value, expected) => {
    expect(() => canonicalJson(value)).toThrow(expected);
  });
});

test("files may hold what JSON drops without loss of meaning: absent fields and the sign of zero", () => {
  expect(canonicalJson({ a: undefined, b: -0 }, { mode: "lenient", layout: "dense" })).toBe('{"b":0}');
  expect(() => canonicalJson({ a: Number.NaN }, lines)).toThrow("got NaN");
});

test("a key named __proto__ is a key", () => {
  const value = JSON.parse('{"__proto__": {"a": 1}}');
  expect(canonicalJson(value)).toBe('{"__proto__":{"a":1}}');
});

const json = fc.jsonValue({ noUnicodeString: false }).filter((value) => !JSON.stringify(value).includes("-0"));

property.prop([json])("both layouts read back as the same value", (value) => {
  expect(JSON.parse(canonicalJson(value, lines))).toEqual(JSON.parse(JSON.stringify(value)));
  expect(JSON.parse(canonicalJson(value, { mode: "lenient", layout: "dense" }))).toEqual(
    JSON.parse(JSON.stringify(value)),
  );
});

property.prop([fc.dictionary(fc.string(), fc.integer())])("the order of insertion does not matter", (value) => {
  const reversed = Object.fromEntries(Object.entries(value).reverse());
  expect(canonicalJson(reversed)).toBe(canonicalJson(value));
});
