import { type Tensor, tensor } from "@quee/tensor";

/** Keys' cubic convolution with the parameter that PyTorch uses. */
const A = -0.75;

/**
 * Position embeddings for another number of patches: the grid of patches is resized bicubically as
 * `torch.nn.functional.interpolate(mode="bicubic", align_corners=False)` does (no antialiasing), the class token's stays.
 * @param positions [1, 1 + side², D]
 * @returns [1, 1 + newSide², D]
 */
export function resizePositions(positions: Tensor, newSide: number): Tensor {
  const [, count, width] = positions.shape as [number, number, number];
  const side = Math.sqrt(count - 1);
  if (side === newSide) return positions;
  const data = new Float32Array((1 + newSide ** 2) * width);
  data.set(positions.data.subarray(0, width));
  const taps = Array.from({ length: newSide }, (_, i) => tapsAt(i, side, newSide));
  for (const [y, rows] of taps.entries()) {
    for (const [x, columns] of taps.entries()) {
      const to = (1 + y * newSide + x) * width;
      for (const row of rows) {
        for (const column of columns) {
          const weight = row.weight * column.weight;
          const from = (1 + row.at * side + column.at) * width;
          for (let d = 0; d < width; d++) data[to + d] += weight * positions.data[from + d];
        }
      }
    }
  }
  return tensor([1, 1 + newSide ** 2, width], data);
}

interface Tap {
  readonly at: number;
  readonly weight: number;
}

/** Four neighbours of a place of the new grid; those outside are the border's. */
function tapsAt(i: number, side: number, newSide: number): readonly Tap[] {
  const centre = ((i + 0.5) * side) / newSide - 0.5;
  const first = Math.floor(centre);
  const offset = centre - first;
  return [-1, 0, 1, 2].map((step) => ({
    at: Math.min(Math.max(first + step, 0), side - 1),
    weight: cubic(Math.abs(offset - step)),
  }));
}

/** Keys, Cubic convolution interpolation for digital image processing (1981), equation 4. */
function cubic(x: number): number {
  if (x <= 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
  if (x < 2) return ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
  return 0;
}
