import { element, type Markup, text } from "../svg.js";
import { percent } from "../words.js";
import { document } from "./document.js";
import { figure, paragraph, section, table } from "./tables.js";

/** How the numbers of a column are shown; files keep them as they are. */
export type ColumnFormat = "text" | "percent" | "number";

export interface AnalysisTable {
  readonly caption: string;
  readonly columns: readonly { readonly name: string; readonly format: ColumnFormat }[];
  /** Null where there is no number. */
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** What one analysis has to say. */
export interface AnalysisSection {
  /** For links inside the page. */
  readonly name: string;
  readonly title: string;
  /** Where the paper speaks of it. */
  readonly source: string;
  /** Sentences that its numbers allow. */
  readonly text: readonly string[];
  readonly figures: readonly { readonly caption: string; readonly svg: string }[];
  readonly tables: readonly AnalysisTable[];
}

/** `analysis.html`: one file, nothing loaded from anywhere. The same parts give the same bytes. */
export function analysisHtml(options: {
  readonly title: string;
  readonly kicker: string;
  readonly introduction: string;
  readonly sections: readonly AnalysisSection[];
}): string {
  const { title, kicker, introduction, sections } = options;
  const contents = sections.map(({ name, title: words }) =>
    element("li", {}, element("a", { href: `#${name}` }, text(words))),
  );
  return document(
    title,
    element(
      "main",
      {},
      element("p", { class: "kicker" }, text(kicker)),
      element("h1", {}, text(title)),
      paragraph(introduction),
      element("ul", { class: "small" }, ...contents),
      ...sections.map(sectionOf),
    ),
  );
}

function sectionOf({ name, title, source, text: sentences, figures, tables }: AnalysisSection): Markup {
  return element(
    "div",
    { id: name },
    section(
      title,
      element("p", { class: "small" }, text(source)),
      ...sentences.map(paragraph),
      ...figures.flatMap(({ caption, svg }) => [figure(svg), element("p", { class: "small" }, text(caption))]),
      ...tables.flatMap((one) => [element("p", { class: "small" }, text(one.caption)), tableOf(one)]),
    ),
  );
}

function tableOf({ columns, rows }: AnalysisTable): Markup {
  const words = (value: string | number | null, c: number) => {
    if (value === null) return "–";
    return typeof value === "string" ? value : formats[columns[c]?.format ?? "number"](value);
  };
  return table(
    columns.map(({ name }) => name),
    rows.map((row) => row.map((value, c) => ({ words: words(value, c) }))),
  );
}

const formats: Readonly<Record<ColumnFormat, (value: number) => string>> = {
  text: String,
  percent: (value) => percent(value, 2),
  number: (value) => String(Number(value.toPrecision(3))),
};
