import { expect, test } from "vitest";
import { klDivergences } from "./divergence.js";

const rows = (...data: number[]) => ({ shape: [data.length / 2, 2], data: Float32Array.from(data) });

test("the divergence of each row in nats: none from itself, whatever is added to all logits", () => {
  const p = rows(0, Math.log(3), 5, 5);
  expect([...klDivergences(p, p)]).toEqual([0, 0]);
  // ¼, ¾ against ½, ½: ¼ ln ½ + ¾ ln 3/2; then ½, ½ against ¾, ¼.
  const [first, second] = klDivergences(p, rows(-100, -100, Math.log(3), 0));
  expect(first).toBeCloseTo(0.25 * Math.log(0.5) + 0.75 * Math.log(1.5), 6);
  expect(second).toBeCloseTo(0.5 * Math.log(2 / 3) + 0.5 * Math.log(2), 6);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])("logits of %s are refused by their image", (odd) => {
  expect(() => klDivergences(rows(0, 1, 0, 1), rows(0, 1, 0, odd))).toThrow(
    /logits of image 1: expected finite values/,
  );
});
