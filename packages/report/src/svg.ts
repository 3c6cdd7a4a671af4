import { QueeError } from "@quee/core";

/** Text of an SVG or HTML fragment: already escaped, safe to put together. */
export type Markup = string & { readonly __brand: "Markup" };

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element with its children. Text children are made with `text`, so nothing reaches a page unescaped. */
export function element(name: string, attributes: Attributes = {}, ...children: readonly Markup[]): Markup {
  const written = Object.entries(attributes)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? coordinate(value) : escapeMarkup(value)}"`)
    .join("");
  return (
    children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join("")}</${name}>`
  ) as Markup;
}

export function text(value: string): Markup {
  return escapeMarkup(value) as Markup;
}

export function together(parts: readonly Markup[]): Markup {
  return parts.join("") as Markup;
}

/** A number in a drawing: two decimals are below what a screen shows. */
export function coordinate(value: number): string {
  if (!Number.isFinite(value)) {
    throw new QueeError({
      code: "E_FIGURE_NUMBER",
      kind: "internal",
      where: "figure",
      expected: "a finite coordinate",
      got: String(value),
    });
  }
  return String(Math.round(value * 100) / 100);
}

/** `M x y L x y …` */
export function polyline(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${coordinate(x)} ${coordinate(y)}`).join("");
}

function escapeMarkup(value: string): string {
  return (
    value
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;")
      // Characters that XML 1.0 forbids however they are written.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this replaces
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd")
  );
}
