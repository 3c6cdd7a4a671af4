import type { Bits } from "@quee/core";
import type { Site } from "@quee/vit-blocks";
import type { BlockEncodings } from "./encodings.js";

/**
 * At how many bits the stem runs, in the network quantized to a level.
 * - `highest` (default): at the most bits of all levels, whatever the level. QuEE (arXiv 2406.14404) always begins there.
 * - `levels`: at the level, like everything else.
 * - `float`: not quantized.
 */
export type StemBits = "highest" | "levels" | "float";

/** Whether a site stands before layer 1: patch embedding, and the linear layers and attention of a tokens-to-token stem. */
export function isStem({ layer, role }: Pick<Site, "layer" | "role">): boolean {
  return layer === null && role !== "head";
}

/** The bits of a site at a level; null: it stays in float. @param levels all levels that there are */
export function siteBits(site: Site, level: Bits, levels: readonly Bits[], stem: StemBits): Bits | null {
  if (!isStem(site) || stem === "levels") return level;
  return stem === "float" ? null : (Math.max(level, ...levels) as Bits);
}

/**
 * Encodings with a stem as asked, from encodings of one block at several levels whose stem runs at the levels (`stem: "levels"`).
 * @param sites those of the block
 */
export function withStem(
  encodings: readonly BlockEncodings[],
  sites: readonly Site[],
  stem: StemBits,
): readonly BlockEncodings[] {
  const levels = encodings.map(({ bits }) => bits);
  const siteOf = new Map(sites.map((site) => [site.node, site]));
  return encodings.map(({ bits, sites: own }) => ({
    bits,
    sites: own.flatMap((encoding, s) => {
      const width = siteBits(siteOf.get(encoding.node) as Site, bits, levels, stem);
      const source = encodings.find((one) => one.bits === width);
      return source === undefined ? [] : [source.sites[s]];
    }),
  }));
}
