import { createHash } from "node:crypto";
import type { SplitRole } from "@quee/core";
import { type AnyImageSplit, imageOf } from "./image-split.js";

/** How many images of `a` are in `b` too, pixel for pixel, whatever their labels say. */
export async function overlappingImages(a: AnyImageSplit<SplitRole>, b: AnyImageSplit<SplitRole>): Promise<number> {
  const known = new Set<string>();
  for (let i = 0; i < b.count; i++) known.add(await fingerprint(b, i));
  let shared = 0;
  for (let i = 0; i < a.count; i++) if (known.has(await fingerprint(a, i))) shared++;
  return shared;
}

async function fingerprint(split: AnyImageSplit<SplitRole>, i: number): Promise<string> {
  const { height, width, pixels } = await imageOf(split, i);
  return createHash("sha256").update(`${height}x${width}`).update(pixels).digest("base64");
}
