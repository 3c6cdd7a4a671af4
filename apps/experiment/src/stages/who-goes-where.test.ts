import { expect, test } from "vitest";
import { madeUpTable, rightByPath } from "../methods/made-up-tables.test.fixture.js";
import { classPoint, examplesOf } from "./who-goes-where.js";

const table = madeUpTable("test", 20, rightByPath);
// Everybody leaves at exit 1, which has every first two of four right.
const right = Uint8Array.from({ length: 20 }, (_, i) => (rightByPath(i, 0) ? 1 : 0));
const prediction = Int32Array.from({ length: 20 }, (_, i) => (right[i] === 1 ? i % 2 : 1 - (i % 2)));
const taken = {
  exit: "replayed",
  policy: "",
  exitCount: 2,
  pathIndex: new Int32Array(20),
  prediction,
  correct: right,
} as const;

test("classes add up to the test images", () => {
  expect(classPoint(0.3, taken, table, 2)).toEqual({
    lambda: 0.3,
    exits: [
      [10, 0],
      [10, 0],
    ],
    correct: [5, 5],
    meanBits: [8, 8],
  });
});

test("examples are the first images on each path, with what they are taken for", () => {
  const [examples, ...others] = examplesOf({ lambda: 0.3, replay: taken }, table);
  expect(others).toEqual([]);
  expect(examples).toMatchObject({ path: "8", lambda: 0.3 });
  expect(examples?.images).toHaveLength(12);
  expect(examples?.images[2]).toEqual({ id: 2, label: 0, predicted: 1 });
});
