import type { Site } from "@quee/vit-blocks";
import type { ScaleSettings } from "./find-encodings.js";

type SearchSettings = Extract<ScaleSettings, { readonly method: "ptq4vit" }>;

/** One way to find scales, as a row of a comparison. */
export interface Variant {
  readonly name: string;
  readonly words: string;
  readonly settings: ScaleSettings;
  /** Products whose scales differ from those of the first row; the others are taken from it. */
  readonly differsAt: (site: Site) => boolean;
}

const all = () => true;

/** PTQ4ViT as it is by default, then with one thing changed at a time, then without a search. */
export function variants(memoryMegabytes: number): readonly Variant[] {
  const base: SearchSettings = {
    ...{ method: "ptq4vit", gradient: "ce-pseudo", compatibility: "paper", twins: true, memoryMegabytes },
  };
  const changed = (
    name: string,
    words: string,
    change: Partial<Omit<SearchSettings, "method">>,
    differsAt: Variant["differsAt"] = all,
  ): Variant => ({ name, words, settings: { ...base, ...change }, differsAt });
  return [
    changed("ce-pseudo", "PTQ4ViT, gradient of the cross-entropy with the network's own answers", {}),
    changed("ce-label", "gradient of the cross-entropy with labels", { gradient: "ce-label" }),
    changed("fisher", "diagonal of the Fisher information", { gradient: "fisher" }),
    changed("squared-error", "no gradient: plain squared error of outputs", { metric: "squared-error" }),
    changed("cosine", "no gradient: cosine of outputs", { metric: "cosine" }),
    changed("no-twins", "no twin ranges", { twins: false }, ({ postGelu, postSoftmax }) => postGelu || postSoftmax),
    changed(
      "reference-code",
      "softmax rule of the public code",
      { compatibility: "reference-code" },
      ({ postSoftmax }) => postSoftmax,
    ),
    { name: "min-max", words: "no search: scales of the ranges", settings: { method: "min-max" }, differsAt: all },
  ];
}
