import { QueeError } from "@quee/core";
import { expect, test } from "vitest";
import { ConfigErrors } from "../config/load-config.js";
import { describeError } from "./describe-error.js";

const facts = { code: "E_X", file: "a.bin", where: "byte 3", expected: "x", got: "y", hint: "Try z" } as const;

test.each([
  ["usage", 2],
  ["config", 3],
  ["input", 4],
  ["environment", 5],
  ["busy", 6],
  ["artifact", 7],
  ["numeric", 8],
  ["internal", 1],
] as const)("an error of kind %s ends with %i and one line", (kind, exitCode) => {
  expect(describeError(new QueeError({ kind, ...facts }), false)).toEqual({
    exitCode,
    lines: ["quee: error[E_X]: a.bin: byte 3: expected x, got y. Try z"],
  });
});

test("as JSON the same facts come as fields", () => {
  const { lines } = describeError(new QueeError({ kind: "input", ...facts }), true);
  expect(JSON.parse(lines[0] ?? "")).toEqual({ error: { kind: "input", ...facts } });
});

test("every problem of a config has its line", () => {
  const one = new QueeError({ kind: "config", ...facts });
  expect(describeError(new ConfigErrors([one, one]), false)).toMatchObject({
    exitCode: 3,
    lines: [{}, {}].map(() => expect.any(String)),
  });
});

test("an error of the operating system is one of the environment", () => {
  const error = Object.assign(new Error("no space"), { code: "ENOSPC", errno: -28, path: "/x" });
  expect(describeError(error, false)).toEqual({
    exitCode: 5,
    lines: ["quee: error[E_SYSTEM]: /x: expected to read or write it, got ENOSPC"],
  });
});

test("anything else is a bug, with its stack", () => {
  const { exitCode, lines } = describeError(new TypeError("oops"), false);
  expect(exitCode).toBe(1);
  expect(lines.join("\n")).toMatch(/please report[\s\S]*TypeError: oops[\s\S]*at /);
});
