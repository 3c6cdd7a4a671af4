import type { Results } from "../results-schema.js";
import { element, type Markup, text } from "../svg.js";
import { paragraph, section } from "./tables.js";

/** A test image that went along a path. */
export interface PathExample {
  readonly path: string;
  /** Names of classes. */
  readonly label: string;
  readonly predicted: string;
  /** `data:image/…`, see `imageDataUri`. */
  readonly dataUri: string;
}

/** Images per path, cheapest path first as they come. */
export function examplesSection(results: Results, examples: readonly PathExample[]): readonly Markup[] {
  if (examples.length === 0) return [];
  const byPath = new Map<string, PathExample[]>();
  for (const example of examples) byPath.set(example.path, [...(byPath.get(example.path) ?? []), example]);
  return [
    section(
      "What goes where",
      paragraph("Test images that took each path. The first line is the true class; a wrong answer stands below it."),
      element("div", { class: "paths" }, ...[...byPath].map(([path, images]) => pathRow(path, images, results))),
    ),
  ];
}

function pathRow(path: string, images: readonly PathExample[], { backbone }: Results): Markup {
  const bits = path.split("-");
  const layer = backbone.exits[bits.length - 1];
  const end = layer === undefined ? "" : `, after layer ${layer}`;
  return element(
    "div",
    { class: "path" },
    element(
      "div",
      {},
      element("b", {}, text(bits.join(" → "))),
      text(`bits per block; leaves at exit ${bits.length}${end}`),
    ),
    element("div", { class: "images" }, ...images.map(image)),
  );
}

function image({ label, predicted, dataUri }: PathExample): Markup {
  const isRight = label === predicted;
  const alt = `${label}, taken for ${predicted}`;
  return element(
    "div",
    {},
    element("img", { src: dataUri, alt, width: 72, height: 72 }),
    text(label),
    ...(isRight ? [] : [element("div", { class: "wrong" }, text(`not ${predicted}`))]),
  );
}
