import { expect, test } from "vitest";
import { type SensitivityCell, sensitivityFigure } from "./sensitivity-figure.js";

const cell = (part: string, node: string | null, role: string, bits: number, size: number): SensitivityCell => ({
  ...{ part, bits, relativeError: size, klDivergence: size ** 2 },
  site: node === null ? null : { node, role },
});
const cells = [8, 4].flatMap((bits) => [
  cell("stem", null, "", bits, bits === 8 ? 0.01 : 0.2),
  cell("stem", "a & b", "stem-linear", bits, bits === 8 ? 0.001 : 0.1),
  cell("stem", "c", "stem-linear", bits, 0),
  cell("head", null, "", bits, 1e-5),
]);

test("every product and part has a cell for each bit-width in both panels", () => {
  const figure = sensitivityFigure(cells, { network: "a < b" });
  expect(figure.match(/<title>/g)).toHaveLength(2 * cells.length);
  for (const words of [
    "stem, 4 bits: 20",
    "stem-linear 1, 8 bits: 0.1",
    "stem-linear 2, 8 bits: 0",
    "head, 4 bits: 0.001",
  ]) {
    expect(figure).toContain(`<title>${words}`);
  }
  expect(figure).toContain("<title>stem, 4 bits: 0.04</title>");
  expect(figure).toContain("<title>head, 8 bits: &lt; 1e-6</title>");
  expect(figure).toContain("a &lt; b");
});

test("the worst cell is the darkest, no error leaves a cell empty", () => {
  const figure = sensitivityFigure(cells, { network: "n" });
  const shadeOf = (title: string) =>
    Number(new RegExp(`fill-opacity:([0-9.]+)"><title>${title}`).exec(figure)?.[1] ?? Number.NaN);
  expect(shadeOf("stem, 4 bits: 20")).toBe(0.9);
  expect(shadeOf("stem, 8 bits: 1.")).toBeLessThan(0.9);
  expect(shadeOf("stem, 8 bits: 1.")).toBeGreaterThan(shadeOf("stem-linear 1, 8 bits: 0.1"));
  expect(shadeOf("stem-linear 2, 8 bits: 0")).toBe(0);
});
