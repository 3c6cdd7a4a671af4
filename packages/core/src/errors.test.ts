import { expect, test } from "vitest";
import { costOf } from "./costs.js";
import { QueeError, show } from "./errors.js";
import { bits } from "./paths.js";

test("an error says file, place, expectation, finding and hint in one line, and keeps its facts and cause", () => {
  const cause = new Error("below");
  const error = new QueeError({
    code: "E_HEADS",
    kind: "artifact",
    file: "runs/c10/heads.json",
    where: "weight.shape[1]",
    expected: "192 (block width)",
    got: "384",
    hint: "Delete the entry to make it again",
    cause,
  });
  expect(error.message).toBe(
    "runs/c10/heads.json: weight.shape[1]: expected 192 (block width), got 384. Delete the entry to make it again",
  );
  expect(error).toMatchObject({ code: "E_HEADS", kind: "artifact", file: "runs/c10/heads.json", got: "384", cause });
});

test("parts that are not known leave no trace in the sentence", () => {
  const error = new QueeError({ code: "E_X", kind: "input", expected: "a", got: "b" });
  expect(error.message).toBe("expected a, got b");
  expect(error.file).toBeUndefined();
});

test("long values from outside are shown short", () => {
  expect(show("x".repeat(500)).length).toBeLessThanOrEqual(80);
  expect(show("a\nb")).toBe('"a\\nb"');
});

test("a path without a cost is named", () => {
  const table = { name: "t", unitCost: 1, unit: "BitOPs", byPath: new Map() } as const;
  expect(() => costOf(table, [8, 6].map(bits))).toThrow(/cost table "t": expected a cost of path 8-6, got none/);
});
