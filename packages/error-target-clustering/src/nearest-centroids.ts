import type { Tensor } from "@quee/tensor";
import { squaredDistance } from "./squared-distance.js";

export interface Nearest {
  /** [N] index of the nearest centroid; the lowest index wins ties */
  readonly index: Int32Array;
  /** [N] squared L2 distance to it */
  readonly squaredDistance: Float64Array;
}

/** @param centroids [C, K] with C ≥ 1 @param points [N, K] */
export function nearestCentroids(centroids: Tensor, points: Tensor): Nearest {
  const [clusters] = centroids.shape;
  const [rows, width] = points.shape;
  const index = new Int32Array(rows);
  const distances = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let c = 0; c < clusters; c++) {
      const distance = squaredDistance(points.data, r * width, centroids.data, c * width, width);
      if (distance < least) {
        best = c;
        least = distance;
      }
    }
    index[r] = best;
    distances[r] = least;
  }
  return { index, squaredDistance: distances };
}

/** [N] squared L2 distance of each point to the centroid of its cell. @param index [N] */
export function distancesTo(centroids: Tensor, index: Int32Array, points: Tensor): Float64Array {
  const width = points.shape[1];
  return Float64Array.from(index, (cell, r) =>
    squaredDistance(points.data, r * width, centroids.data, cell * width, width),
  );
}
