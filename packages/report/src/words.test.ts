import { expect, test } from "vitest";
import { finePercent, grouped, methodName, percent, settingText, shortPercent, withUnitPrefix } from "./words.js";

const plain = (words: string): string => words.replaceAll("\u00a0", " ");

test("percentages have as many digits as their place asks for", () => {
  expect(
    [percent(0.8814), percent(1, 0), shortPercent(0.5), shortPercent(0.625), finePercent(0.000312)].map(plain),
  ).toEqual(["88.1 %", "100 %", "50 %", "62.5 %", "0.031 %"]);
});

test("large numbers get a prefix or groups of three", () => {
  expect([withUnitPrefix(86_700_000, "MACs"), withUnitPrefix(4e8, "B"), withUnitPrefix(12, "MACs")].map(plain)).toEqual(
    ["86.7 M MACs", "400 MB", "12 MACs"],
  );
  expect([grouped(999), grouped(10_000), grouped(1_234_567)]).toEqual(["999", "10,000", "1,234,567"]);
});

test("settings show three digits", () => {
  expect([settingText(0), settingText(0.0123456), settingText(10), settingText("8-8-6")]).toEqual([
    "0",
    "0.0123",
    "10",
    "8-8-6",
  ]);
});

test("an unknown method keeps its own name", () => {
  expect([methodName("quee"), methodName("oracle-gates"), methodName("my-method")]).toEqual([
    "QuEE",
    "Oracle (gates)",
    "my-method",
  ]);
});
