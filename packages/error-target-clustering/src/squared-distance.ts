/** ‖a − b‖² of two rows of `width` numbers, which begin at `atA` and `atB`. */
export function squaredDistance(a: Float32Array, atA: number, b: Float32Array, atB: number, width: number): number {
  let distance = 0;
  for (let k = 0; k < width; k++) {
    const difference = a[atA + k] - b[atB + k];
    distance += difference * difference;
  }
  return distance;
}
