import { element, type Markup, text } from "../svg.js";
import { type Cell, paragraph, section, table } from "./tables.js";

/** A section of words and tables: what the page and the Markdown file both say. */
export interface SectionData {
  readonly title: string;
  readonly parts: readonly Part[];
}

export type Part =
  | { readonly kind: "words"; readonly lead?: string; readonly words: string }
  | { readonly kind: "table"; readonly head: readonly string[]; readonly rows: readonly (readonly Cell[])[] };

export function htmlOf({ title, parts }: SectionData): Markup {
  return section(
    title,
    ...parts.map((part) => {
      if (part.kind === "table") return table(part.head, part.rows);
      if (part.lead === undefined) return paragraph(part.words);
      return element("p", {}, element("b", {}, text(part.lead)), text(` ${part.words}`));
    }),
  );
}

export function markdownOf({ title, parts }: SectionData): string {
  const written = parts.map((part) => {
    if (part.kind === "words")
      return part.lead === undefined ? plain(part.words) : `**${plain(part.lead)}** ${plain(part.words)}`;
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
    return [
      line(part.head.map(plain)),
      line(part.head.map(() => "---")),
      ...part.rows.map((row) => line(row.map(cellText))),
    ].join("\n");
  });
  return [`## ${plain(title)}`, ...written].join("\n\n");
}

function cellText({ words, note, isMain }: Cell): string {
  const told = isMain === true ? `**${plain(words)}**` : plain(words);
  return note === undefined ? told : `${told} (${plain(note)})`;
}

/** Names come from outside: nothing in them is Markdown, HTML or the end of a cell. */
function plain(words: string): string {
  return words.replace(/[\r\n]+/g, " ").replace(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`);
}
