import { QueeError } from "@quee/core";

/** What both architectures have in common. */
export interface ArchitectureOptions {
  /** Height and width of the image, in pixels. */
  readonly imageSize: number;
  /** D */
  readonly width: number;
  /** Layers. */
  readonly depth: number;
  readonly heads: number;
  /** Width of the hidden layer of the MLP over D. */
  readonly mlpRatio: number;
  /** K */
  readonly classCount: number;
  /** Seed of the weights. */
  readonly seed: number;
}

export function checkArchitecture(options: ArchitectureOptions): void {
  const { imageSize, width, depth, heads, classCount, mlpRatio } = options;
  for (const [where, value] of Object.entries({ imageSize, width, depth, heads, classCount })) {
    if (!Number.isInteger(value) || value < 1) throw wrong(where, "a whole number of at least 1", value);
  }
  if (!(mlpRatio > 0)) throw wrong("mlpRatio", "a positive number", mlpRatio);
  if (width % heads !== 0) throw wrong("width", `a multiple of ${heads} (heads)`, width);
}

export function wrong(where: string, expected: string, got: number): QueeError {
  return new QueeError({ code: "E_ARCHITECTURE", kind: "config", where, expected, got: String(got) });
}
