/** Three bytes a pixel, pixel by pixel → planes R, G, B. */
export function planesOfRgb(interleaved: Uint8Array): Uint8Array {
  const area = interleaved.length / 3;
  const planes = new Uint8Array(interleaved.length);
  for (let i = 0, from = 0; i < area; i++, from += 3) {
    planes[i] = interleaved[from];
    planes[area + i] = interleaved[from + 1];
    planes[2 * area + i] = interleaved[from + 2];
  }
  return planes;
}

/** Four bytes C, M, Y, K a pixel → planes R, G, B, by Pillow's formula: c·(255 − k)/255 less than 255 − k. */
export function planesOfCmyk(interleaved: Uint8Array): Uint8Array {
  const area = interleaved.length / 4;
  const planes = new Uint8Array(area * 3);
  for (let i = 0, from = 0; i < area; i++, from += 4) {
    const white = 255 - interleaved[from + 3];
    for (let channel = 0; channel < 3; channel++) {
      planes[channel * area + i] = white - divideBy255(interleaved[from + channel] * white);
    }
  }
  return planes;
}

/** Pillow's rounded division by 255 of a product of bytes. */
function divideBy255(product: number): number {
  const sum = product + 128;
  return ((sum >> 8) + sum) >> 8;
}
