import type { Bits } from "@quee/core";
import { alternate, type SiteChoice } from "./alternate.js";
import { hessian, type Metric } from "./metric.js";
import { minimizeEarly } from "./minimize-early.js";
import { minimizeExhaustively } from "./minimize-exhaustively.js";
import { minimizePlainly } from "./minimize-plainly.js";
import type { Multiplier } from "./multiplier.js";
import type { SearchSite } from "./search-site.js";

export interface SearchOptions {
  readonly multiplier: Multiplier;
  /** `hessian` by default. */
  readonly metric?: Metric;
}

/**
 * The scales of a site at some bits: candidates on a fixed grid, three alternating rounds. PTQ4ViT (arXiv 2111.12293), section
 * on Hessian-guided scale search; picks what trying every candidate on every row picks.
 */
export async function searchScales(
  site: SearchSite,
  bits: Bits,
  { multiplier, metric = hessian }: SearchOptions,
): Promise<SiteChoice> {
  return alternate(site, bits, minimizeEarly(metric, multiplier));
}

/** The same in plain loops and float64, nothing remembered or left out: for small sites and for doubts. */
export async function searchScalesPlainly(site: SearchSite, bits: Bits, metric: Metric = hessian): Promise<SiteChoice> {
  return alternate(site, bits, minimizePlainly(metric), { remember: false });
}

/** The same choices with every candidate on every row in every round, one product each: what speed is measured against. */
export async function searchScalesExhaustively(
  site: SearchSite,
  bits: Bits,
  { multiplier, metric = hessian }: SearchOptions,
): Promise<SiteChoice> {
  return alternate(site, bits, minimizeExhaustively(metric, multiplier), { remember: false });
}
