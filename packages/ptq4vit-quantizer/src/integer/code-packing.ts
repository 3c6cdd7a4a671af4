import { type Bits, QueeError } from "@quee/core";
import { codeBound } from "../quantizers/quantizer.js";

/** Bytes that `count` codes of b bits fill. */
export function packedBytes(count: number, bits: Bits): number {
  return Math.ceil((count * bits) / 8);
}

/**
 * Codes −2^(b−1) … 2^(b−1) − 1 in b bits each, as code + 2^(b−1), lowest bits first; the last byte is filled up with zeros.
 * @param codes [n] @returns [⌈n·b/8⌉]
 */
export function packCodes(codes: Int8Array, bits: Bits): Uint8Array {
  const bound = codeBound(bits);
  const packed = new Uint8Array(packedBytes(codes.length, bits));
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] + bound;
    if (code < 0 || code >= 2 * bound) throw tooLarge(i, codes[i], bits);
    const at = i * bits;
    const shifted = code << (at % 8);
    packed[at >> 3] |= shifted;
    // At most 8 bits that begin inside a byte: they end in the next one.
    if (shifted > 0xff) packed[(at >> 3) + 1] |= shifted >> 8;
  }
  return packed;
}

/** The codes again. @param packed at least [⌈count·b/8⌉] */
export function unpackCodes(packed: Uint8Array, count: number, bits: Bits): Int8Array {
  if (packed.length < packedBytes(count, bits)) {
    throw new QueeError({
      code: "E_PACKED_CODES",
      kind: "artifact",
      where: "packed codes",
      expected: `${packedBytes(count, bits)} bytes for ${count} codes of ${bits} bits`,
      got: `${packed.length}`,
    });
  }
  const bound = codeBound(bits);
  const codes = new Int8Array(count);
  for (let i = 0; i < count; i++) {
    const at = i * bits;
    const pair = packed[at >> 3] | ((packed[(at >> 3) + 1] ?? 0) << 8);
    codes[i] = ((pair >> (at % 8)) & (2 * bound - 1)) - bound;
  }
  return codes;
}

function tooLarge(at: number, code: number, bits: Bits): QueeError {
  const bound = codeBound(bits);
  return new QueeError({
    code: "E_PACKED_CODES",
    kind: "internal",
    where: `code ${at}`,
    expected: `${-bound} to ${bound - 1} (${bits} bits)`,
    got: `${code}`,
  });
}
