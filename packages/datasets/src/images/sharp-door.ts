import { QueeError } from "@quee/core";

type Sharp = typeof import("sharp")["default"];

let loaded: Promise<Sharp> | undefined;

/** sharp, loaded when the first image is decoded: who has no image files needs no image library. */
export function loadSharp(): Promise<Sharp> {
  return (loaded ??= load());
}

async function load(): Promise<Sharp> {
  try {
    const { default: sharp } = await import("sharp");
    // Every image is decoded once: nothing to keep.
    sharp.cache(false);
    // Images are decoded side by side; threads inside of one would only wait for each other.
    sharp.concurrency(1);
    return sharp;
  } catch (cause) {
    throw new QueeError({
      code: "E_IMAGE_LIBRARY",
      kind: "environment",
      expected: "the package sharp with its binary for this platform",
      got: cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause),
      hint: "npm install --include=optional sharp",
      cause,
    });
  }
}
