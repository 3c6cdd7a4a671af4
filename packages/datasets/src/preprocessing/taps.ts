/** How one axis is resampled: output o is Σ_t weights[o·width + t] · input[indices[o·width + t]]. */
export interface Taps {
  readonly outputs: number;
  /** Taps of every output; unused ones have weight 0. */
  readonly width: number;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/** `inputs` pixels become `outputs`, of which `kept` from `from` on are wanted: a crop costs nothing. */
export interface Axis {
  readonly inputs: number;
  readonly outputs: number;
  readonly from: number;
  readonly kept: number;
}

/** An interpolation kernel and how far it reaches from its centre. */
interface Kernel {
  readonly support: number;
  weight(distance: number): number;
}

export const bilinear: Kernel = { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };

/** Keys 1981. Pillow takes a = −0.5; torch takes −0.75, and −0.5 where it antialiases. */
export function bicubic(a: number): Kernel {
  return {
    support: 2,
    weight: (distance) => {
      const x = Math.abs(distance);
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    },
  };
}

/** Pillow's box: a pixel on the edge between two belongs to the later one. */
export const box: Kernel = { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) };

export const hamming: Kernel = {
  support: 1,
  weight: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x))),
};

export const lanczos: Kernel = { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) };

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** ⌊o·scale⌋, torch's "nearest". */
export function nearestTaps({ inputs, outputs, from, kept }: Axis): Taps {
  return copyTaps(
    Int32Array.from({ length: kept }, (_, k) => clamp(Math.floor(((from + k) * inputs) / outputs), inputs)),
  );
}

/** The pixel under the centre. Pillow adds up the scale from output to output; at ties the sum's rounding decides. */
export function pillowNearestTaps({ inputs, outputs, from, kept }: Axis): Taps {
  const scale = inputs / outputs;
  const indices = new Int32Array(kept);
  for (let o = 0, place = scale * 0.5; o < from + kept; o++, place += scale) {
    if (o >= from) indices[o - from] = clamp(Math.floor(place), inputs);
  }
  return copyTaps(indices);
}

function copyTaps(indices: Int32Array): Taps {
  return { outputs: indices.length, width: 1, indices, weights: new Float64Array(indices.length).fill(1) };
}

/** Interpolation between neighbours, whatever the scale; beyond the edges, edge pixels repeat. torch's `interpolate`. */
export function interpolationTaps(axis: Axis, kernel: Kernel, alignCorners: boolean): Taps {
  const { inputs, outputs, from, kept } = axis;
  const width = 2 * kernel.support;
  const indices = new Int32Array(kept * width);
  const weights = new Float64Array(kept * width);
  for (let k = 0; k < kept; k++) {
    const o = from + k;
    const place = alignCorners ? (o * (inputs - 1)) / Math.max(1, outputs - 1) : ((o + 0.5) * inputs) / outputs - 0.5;
    const first = Math.floor(place) - kernel.support + 1;
    for (let t = 0; t < width; t++) {
      indices[k * width + t] = clamp(first + t, inputs);
      weights[k * width + t] = kernel.weight(place - (first + t));
    }
  }
  return { outputs: kept, width, indices, weights };
}

/** Interpolation when an image grows, a filter as wide as an output pixel when it shrinks. Pillow's and torch's antialias. */
export function antialiasTaps({ inputs, outputs, from, kept }: Axis, kernel: Kernel): Taps {
  const scale = inputs / outputs;
  const stretch = Math.max(scale, 1);
  // Multiplied by, as Pillow and torch do: a division may round otherwise.
  const shrink = 1 / stretch;
  const reach = kernel.support * stretch;
  const reached = Array.from({ length: kept }, (_, k) => {
    const centre = (from + k + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    return { centre, first, last: Math.min(inputs, Math.trunc(centre + reach + 0.5)) };
  });
  const width = reached.reduce((most, { first, last }) => Math.max(most, last - first), 1);
  const indices = new Int32Array(kept * width);
  const weights = new Float64Array(kept * width);
  for (const [k, { centre, first, last }] of reached.entries()) {
    let sum = 0;
    for (let i = first; i < last; i++) sum += kernel.weight((i - centre + 0.5) * shrink);
    for (let t = 0; t < width; t++) {
      const i = first + t;
      indices[k * width + t] = clamp(i, inputs);
      weights[k * width + t] = i < last ? kernel.weight((i - centre + 0.5) * shrink) / sum : 0;
    }
  }
  return { outputs: kept, width, indices, weights };
}

function clamp(index: number, length: number): number {
  return Math.min(Math.max(index, 0), length - 1);
}
