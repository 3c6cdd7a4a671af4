/** Typed arrays whose bytes a file holds, lowest first. */
type Numbers = Float32Array | Int32Array | Uint16Array;

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes of numbers as a file holds them; shares memory with `values` where the machine is little-endian. */
export function littleEndianBytes(values: Numbers): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return isLittleEndian ? bytes : swapped(bytes, values.BYTES_PER_ELEMENT);
}

/** The buffer of numbers of `width` bytes in the order of this machine. @param bytes at offset 0 of their buffer */
export function nativeBuffer(bytes: Uint8Array, width: number): ArrayBufferLike {
  return (isLittleEndian ? bytes : swapped(bytes, width)).buffer;
}

function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const other = bytes.slice();
  for (let at = 0; at < other.length; at += width) other.subarray(at, at + width).reverse();
  return other;
}
