import type { Tensor } from "@quee/tensor";

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
  const squaredDistance = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let c = 0; c < clusters; c++) {
      let distance = 0;
      for (let k = 0; k < width; k++) {
        const difference = points.data[r * width + k] - centroids.data[c * width + k];
        distance += difference * difference;
      }
      if (distance < least) {
        best = c;
        least = distance;
      }
    }
    index[r] = best;
    squaredDistance[r] = least;
  }
  return { index, squaredDistance };
}
