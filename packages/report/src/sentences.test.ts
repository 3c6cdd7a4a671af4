import { expect, test } from "vitest";
import { madeUpResults } from "./made-up-results.test.data.js";
import { headline, operatingPointLines } from "./sentences.js";

const plain = (words: string): string => words.replaceAll("\u00a0", " ");

test("the headline names the budget nearest to half, QuEE and the strongest rival", () => {
  expect(plain(headline(madeUpResults()))).toBe(
    "At half the computation, QuEE keeps 87.2 % of images right, against 85.4 % for the confidence threshold",
  );
});

test("the headline does not hide that a rival is better", () => {
  const results = madeUpResults();
  results.operatingPoints[1]!.rivals.push({
    method: "static-ptq",
    setting: 4,
    validation: { top1: 0.9, cost: 0.5 },
    test: { top1: 0.899, cost: 0.5 },
  });
  expect(plain(headline(results))).toContain("against 89.9 % for the best single bit-width");
});

test("an oracle is no rival: it knows the answer", () => {
  const results = madeUpResults();
  const rival = results.operatingPoints[1]!.rivals[0]!;
  results.operatingPoints[1]!.rivals.push({ ...rival, method: "oracle-paths", test: { top1: 0.99, cost: 0.5 } });
  expect(headline(results)).not.toContain("99.0");
});

test("without a reachable budget near half another is taken, and without any the headline says so", () => {
  const results = madeUpResults();
  results.operatingPoints[1] = { budget: 0.5, lambda: null, validation: null, test: null, rivals: [] };
  expect(plain(headline(results))).toMatch(/^At 70 % of the computation, QuEE keeps 88\.7 %/);
  results.operatingPoints = [results.operatingPoints[0]!];
  expect(headline(results)).toContain("QuEE meets none of the budgets");
});

test("where a first gate chose the bits of block 1, a line says which", () => {
  const results = madeUpResults();
  results.operatingPoints[1]!.firstBits = 6;
  expect(plain(operatingPointLines(results)[1]!)).toContain("λ = 0.21, block 1 at 6 bits, has 87.2 % right");
});

test("there is a line per budget, with λ and both costs", () => {
  expect(operatingPointLines(madeUpResults()).slice(0, 2).map(plain)).toEqual([
    "budget 30 %: no λ is cheap enough",
    "budget 50 %: λ = 0.21 has 87.2 % right at 49.8 % of the cost (Confidence threshold: 85.4 % at 49.2 %)",
  ]);
});
