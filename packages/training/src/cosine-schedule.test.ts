import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { cosineSchedule } from "./cosine-schedule.js";

test("the rate rises in a line, falls in half a cosine and stays at the floor", () => {
  const rate = cosineSchedule({ base: 1, steps: 14, warmup: 4, floor: 0.2 });
  expectAllclose([0, 1, 2, 3, 4].map(rate), [0.25, 0.5, 0.75, 1, 1]);
  // Halfway down the cosine is 0.
  expectAllclose([9, 14, 20].map(rate), [0.6, 0.2, 0.2]);
});

test("without warm-up it begins at the base and ends at 0", () => {
  const rate = cosineSchedule({ base: 0.1, steps: 10 });
  expect(rate(0)).toBe(0.1);
  expectAllclose([rate(10)], [0], { atol: 1e-12 });
});
