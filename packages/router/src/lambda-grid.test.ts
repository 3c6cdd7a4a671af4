import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { lambdaGrid } from "./lambda-grid.js";

test("the grid is 0 and 60 values from 1e-3 to 10 with a constant ratio", () => {
  const [zero, ...rest] = lambdaGrid();
  expect(zero).toBe(0);
  expect(rest.length).toBe(60);
  expectAllclose([rest[0], rest[59]], [1e-3, 10], { rtol: 1e-12 });
  const ratios = rest.slice(1).map((lambda, i) => lambda / rest[i]);
  expectAllclose(
    ratios,
    ratios.map(() => 10 ** (4 / 59)),
    { rtol: 1e-12 },
  );
});
