import { expect, test } from "vitest";
import { gainFigure } from "../gain-figure.js";
import { analysisHtml } from "./analysis-html.js";

const svg = gainFigure([{ name: "a", gain: 1, halfWidth: null }], { title: "t", axis: "a" }) as string;
const section = {
  name: "ablation",
  title: "One <change> at a time",
  source: "section 7",
  text: ["a & b"],
  figures: [{ caption: "bars", svg }],
  tables: [
    {
      caption: "numbers",
      columns: [
        { name: "way", format: "text" as const },
        { name: "top-1", format: "percent" as const },
        { name: "λ", format: "number" as const },
      ],
      rows: [
        ["x", 0.12345, 0.0123456],
        ["y", null, "none"],
      ],
    },
  ],
};
const page = analysisHtml({ title: "A & B", kicker: "k", introduction: "i", sections: [section] });

test("a page of analyses lists its sections and holds their figures as they are", () => {
  expect(page).toContain('<a href="#ablation">One &lt;change&gt; at a time</a>');
  expect(page).toContain('<div id="ablation">');
  expect(page).toContain(svg);
  expect(page).toContain("<p>a &amp; b</p>");
});

test("numbers are shown as their column says, and what is missing as a dash", () => {
  const cells = [...page.matchAll(/<td>([^<]*)<\/td>/g)].map((cell) => cell[1]);
  expect(cells).toEqual(["x", "12.35\u00a0%", "0.0123", "y", "–", "none"]);
});

test("a page loads nothing from anywhere, and the same parts give the same bytes", () => {
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
  expect(analysisHtml({ title: "A & B", kicker: "k", introduction: "i", sections: [section] })).toBe(page);
});
