import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { boxStatistics } from "./box-statistics.js";

test("a small example by hand: one value lies beyond the upper whisker", () => {
  // numpy.quantile([1, 2, 3, 4, 5, 20], [0.25, 0.5, 0.75]) = [2.25, 3.5, 4.75]; the whisker may reach to 4.75 + 3.75.
  expect(boxStatistics([20, 3, 1, 5, 2, 4])).toEqual({
    count: 6,
    lowerQuartile: 2.25,
    median: 3.5,
    upperQuartile: 4.75,
    lowerWhisker: 1,
    upperWhisker: 5,
    outliers: [20],
  });
});

test("nothing has no box, one value is all of its box", () => {
  expect(boxStatistics([])).toBeNull();
  expect(boxStatistics([7])).toMatchObject({ lowerWhisker: 7, median: 7, upperWhisker: 7, outliers: [] });
});

test.prop([fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 40 })])(
  "whiskers, quartiles and median are in order, and every value is within the whiskers or an outlier",
  (values) => {
    const box = boxStatistics(values);
    if (box === null) throw new Error("no box");
    const parts = [box.lowerWhisker, box.lowerQuartile, box.median, box.upperQuartile, box.upperWhisker];
    expect(parts).toEqual([...parts].sort((a, b) => a - b));
    const inside = values.filter((value) => value >= box.lowerWhisker && value <= box.upperWhisker);
    expect(inside.length + box.outliers.length).toBe(values.length);
  },
);
