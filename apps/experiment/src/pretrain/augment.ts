import type { Random, Tensor } from "@quee/tensor";

export interface Augmentation {
  /** Left and right are swapped in half of the images. */
  readonly flip: boolean;
  /** Pixels by which an image moves at most, along each axis; what comes in is 0. */
  readonly shift: number;
}

/**
 * Flips and moves each prepared image, in place. A move by up to `shift` is a random crop of the image with a border of
 * `shift` zeros, the augmentation of He et al. (arXiv 1512.03385), section 4.2.
 * @param images [B, C, H, W]
 */
export function augment(images: Tensor, { flip, shift }: Augmentation, random: Random): void {
  const [count = 0, channels = 0, height = 0, width = 0] = images.shape;
  const plane = new Float32Array(height * width);
  for (let i = 0; i < count; i++) {
    const isFlipped = flip && random.uniform() < 0.5;
    const down = random.below(2 * shift + 1) - shift;
    const right = random.below(2 * shift + 1) - shift;
    if (!isFlipped && down === 0 && right === 0) continue;
    for (let c = 0; c < channels; c++) {
      const at = (i * channels + c) * plane.length;
      const target = images.data.subarray(at, at + plane.length);
      plane.set(target);
      target.fill(0);
      for (let y = Math.max(0, down); y < Math.min(height, height + down); y++) {
        for (let x = Math.max(0, right); x < Math.min(width, width + right); x++) {
          const from = isFlipped ? width - 1 - (x - right) : x - right;
          target[y * width + x] = plane[(y - down) * width + from] ?? 0;
        }
      }
    }
  }
}
