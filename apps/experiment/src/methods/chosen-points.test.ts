import { expect, test } from "vitest";
import { belowEnvelope } from "./chosen-points.js";
import { costs, pays } from "./made-up-tables.test.fixture.js";
import type { MeasuredMethod, MeasuredSetting } from "./measured-method.js";

const setting = (path: string, right: number, firstBits?: number): MeasuredSetting => ({
  setting: 0,
  ...(firstBits === undefined ? {} : { firstBits }),
  validation: { right, count: 10, byPath: { [path]: 10 } },
  test: null,
  shifted: [],
});
const method = (...settings: readonly MeasuredSetting[]): MeasuredMethod => ({
  ...{ name: "made up", role: "rival", parameter: "lambda", trainings: 0, asksCosts: false },
  ...{ pays, settings },
});

test("settings scatter by how far they lie below the best of their own curve, and a curve below another one does not", () => {
  expect(belowEnvelope(method(setting("8", 6), setting("8-8", 9)), costs())).toBe(0);
  // 8-6 costs 0.9: on the way from 0.6 at 0.5 to 0.9 at 1 that would be 0.84.
  expect(belowEnvelope(method(setting("8", 6), setting("8-6", 5), setting("8-8", 9)), costs())).toBeCloseTo(0.34 / 3);
  const low = [setting("6", 2, 6), setting("6-6", 5, 6)];
  expect(belowEnvelope(method(setting("8", 6, 8), setting("8-8", 9, 8), ...low), costs())).toBe(0);
});
