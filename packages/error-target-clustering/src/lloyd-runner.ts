import type { Tensor } from "@quee/tensor";
import type { Nearest } from "./nearest-centroids.js";

/** Lloyd stops where no centre moves by more than this squared distance, … */
export const MOVE_TOLERANCE = 1e-6;

/** … or after so many iterations; restarts on probability vectors need 20 to 70. */
export const MAX_ITERATIONS = 300;

/** Lloyd's algorithm on one set of points [N, K]. */
export interface Lloyd {
  /**
   * Moves centres to the means of the points that are nearest to them until they rest. A centre without points stays.
   * @param centres [C, K] @returns [C, K]
   */
  converge(centres: Tensor<Float64Array>, signal?: AbortSignal): Promise<Tensor<Float64Array>>;
  /** @param centroids [C, K] */
  nearest(centroids: Tensor): Promise<Nearest>;
  /** Lets the points go. */
  release(): void;
}

/** Where Lloyd's algorithm runs. All runners give the same centres from the same start, to rounding. */
export interface LloydRunner {
  /** How many sets of points it works on at once. */
  readonly concurrency: number;
  load(points: Tensor, clusterCount: number): Lloyd;
}
