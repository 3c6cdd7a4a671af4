/** Layers from which four exits pay; shallower networks get three. */
const DEEP = 9;

/** Evenly spaced exits of which the last follows the last layer: 2, 4, 7 of seven layers, 3, 6, 9, 12 of twelve. */
export function proposedExits(depth: number): readonly number[] {
  const count = Math.min(depth, depth < DEEP ? 3 : 4);
  return Array.from({ length: count }, (_, i) => Math.floor((depth * (i + 1)) / count));
}
