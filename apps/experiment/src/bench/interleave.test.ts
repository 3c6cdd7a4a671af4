import { expect, test } from "vitest";
import { interleaved, quantileOf, spreadOf } from "./interleave.js";

test("subjects take turns, every other round backwards, and the first round is not counted", async () => {
  const seen: string[] = [];
  const values = await interleaved(["a", "b"], 2, async (subject, round) => {
    seen.push(`${subject}${round}`);
    return round;
  });
  expect(seen).toEqual(["a0", "b0", "b1", "a1", "a2", "b2"]);
  expect(values).toEqual(
    new Map([
      ["a", [1, 2]],
      ["b", [1, 2]],
    ]),
  );
});

test("median, extremes and quantiles", () => {
  expect(spreadOf([5, 1, 9, 2])).toEqual({ median: 3.5, least: 1, most: 9 });
  expect(spreadOf([4])).toEqual({ median: 4, least: 4, most: 4 });
  expect(quantileOf([0, 10, 20, 30, 40], 0.95)).toBeCloseTo(38, 10);
});
