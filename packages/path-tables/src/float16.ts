import { roundHalfEven } from "@quee/tensor";

/**
 * binary16 of IEEE 754: sign, 5 bits of exponent, 10 of fraction. Probabilities from 2⁻¹⁴ ≈ 6.1e-5 keep 11 significant bits, so they
 * move by at most 1 part in 2,048; smaller ones move by at most 2⁻²⁵ ≈ 3e-8, and below that become 0.
 */
const [fractionBits, exponentGap] = [13, 127 - 15];

const infinity = 0x7c00;
const quietNaN = 0x7e00;
/** Bits of float32 numbers: the largest that still rounds to a finite half is the one before 65,520; the smallest normal half is 2⁻¹⁴. */
const [firstInfinite, firstNormal, float32Infinity] = [0x477ff000, 0x38800000, 0x7f800000];

/** Rounds to the nearest half, ties to the even one. @returns bits, as many as `values` */
export function toHalves(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const sign = (bits[i] >>> 16) & 0x8000;
    const magnitude = bits[i] & 0x7fffffff;
    halves[i] = sign | halfOfMagnitude(magnitude, Math.abs(values[i]));
  }
  return halves;
}

function halfOfMagnitude(bits: number, value: number): number {
  if (bits > float32Infinity) return quietNaN;
  if (bits >= firstInfinite) return infinity;
  // Below the normal ones halves are whole multiples of 2⁻²⁴, and 1,024 of them are the first normal one.
  if (bits < firstNormal) return roundHalfEven(value * 2 ** 24);
  // Half a unit less one, and one more where the last bit that stays is odd: a carry climbs into the exponent as it should.
  const rounded = bits + 0x0fff + ((bits >>> fractionBits) & 1);
  return (rounded >>> fractionBits) - (exponentGap << 10);
}

/** Exact: every half is a float32. */
export function fromHalves(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = valueOfHalf[halves[i]];
  return values;
}

const valueOfHalf = Float32Array.from({ length: 0x10000 }, (_, half) => {
  const sign = half & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(half >>> 10) & 31, half & 0x3ff];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
});
