import { createHash } from "node:crypto";
import type { SplitRole } from "@quee/core";
import type { ImageSplit } from "./image-split.js";

/** How many images of `a` are in `b` too, pixel for pixel, whatever their labels say. */
export function overlappingImages(a: ImageSplit<SplitRole>, b: ImageSplit<SplitRole>): number {
  const known = new Set<string>();
  for (let i = 0; i < b.count; i++) known.add(fingerprint(b, i));
  let shared = 0;
  for (let i = 0; i < a.count; i++) if (known.has(fingerprint(a, i))) shared++;
  return shared;
}

function fingerprint(split: ImageSplit<SplitRole>, i: number): string {
  return createHash("sha256").update(split.imageShape.join("x")).update(split.image(i)).digest("base64");
}
