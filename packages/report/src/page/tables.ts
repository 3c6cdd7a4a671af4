import { element, type Markup, text } from "../svg.js";

/** A cell: a number or words, in a smaller line below what qualifies it. */
export interface Cell {
  readonly words: string;
  readonly note?: string;
  readonly isMain?: boolean;
}

export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): Markup {
  return element(
    "div",
    { class: "scroll" },
    element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...head.map((words) => element("th", { scope: "col" }, text(words))))),
      element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cellElement)))),
    ),
  );
}

function cellElement({ words, note, isMain }: Cell): Markup {
  const below = note === undefined ? [] : [element("small", {}, text(note))];
  return element("td", { class: isMain === true ? "main" : undefined }, text(words), ...below);
}

/** A section of the page; nothing where there is nothing to show. */
export function section(title: string, ...content: readonly Markup[]): Markup {
  return element("section", {}, element("h2", {}, text(title)), ...content);
}

export function paragraph(words: string): Markup {
  return element("p", {}, text(words));
}

export function figure(svg: string): Markup {
  // A figure of this package is markup already.
  return element("figure", {}, svg as Markup);
}
