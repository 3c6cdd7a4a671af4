import { lambdaSegments } from "./lambda-segments.js";
import type { RoutingNode } from "./routing-tree.js";

/** Where every image ends as a function of λ: the segments of all images, one image after the other. */
export interface ImageSegments {
  /** [N + 1], where the segments of each image begin */
  readonly starts: Int32Array;
  /** The λ that a segment begins at: 0 for the first of an image, then rising. */
  readonly from: Float64Array;
  /** Index of the path that the image takes. */
  readonly path: Int32Array;
  /** 1 where it stops there without an answer. */
  readonly abstains: Uint8Array;
}

export function imageSegments(root: RoutingNode, count: number, abstainAbove: number | undefined): ImageSegments {
  const starts = new Int32Array(count + 1);
  const from: number[] = [];
  const path: number[] = [];
  const abstains: number[] = [];
  const onSegment = (lambda: number, p: number, abstained: boolean) => {
    from.push(lambda);
    path.push(p);
    abstains.push(abstained ? 1 : 0);
  };
  for (let image = 0; image < count; image++) {
    lambdaSegments(root, image, abstainAbove, onSegment);
    starts[image + 1] = from.length;
  }
  return {
    starts,
    from: Float64Array.from(from),
    path: Int32Array.from(path),
    abstains: Uint8Array.from(abstains),
  };
}

/** The last index in [from, to) whose value is at most `limit`. Values ascend, and the first is at most `limit`. */
export function lastAtMost(limit: number, from: number, to: number, valueAt: (index: number) => number): number {
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (valueAt(middle) <= limit) low = middle;
    else high = middle;
  }
  return low;
}
