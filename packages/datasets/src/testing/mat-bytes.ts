import { deflateSync } from "node:zlib";

/** A variable of bytes or doubles. */
export interface MadeVariable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Uint8Array | Float64Array;
}

/** A MATLAB file of version 5 in memory. */
export function matBytes(variables: readonly MadeVariable[], { isPacked = true } = {}): Uint8Array {
  const header = Buffer.alloc(128, " ");
  header.write("MATLAB 5.0 MAT-file");
  header.set([0, 1, 0x49, 0x4d], 124);
  return Buffer.concat([
    header,
    ...variables.map((variable) => {
      const matrix = element(14, matrixContent(variable));
      if (!isPacked) return matrix;
      const packed = deflateSync(matrix);
      return Buffer.concat([tag(15, packed.length), packed]);
    }),
  ]);
}

function matrixContent({ name, shape, values }: MadeVariable): Buffer {
  const isBytes = values instanceof Uint8Array;
  const flags = Buffer.alloc(8);
  flags[0] = isBytes ? 9 : 6;
  const dimensions = Buffer.alloc(4 * shape.length);
  for (const [i, size] of shape.entries()) dimensions.writeInt32LE(size, 4 * i);
  const content = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([
    element(6, flags),
    element(5, dimensions),
    element(1, Buffer.from(name)),
    element(isBytes ? 2 : 9, content),
  ]);
}

function element(type: number, content: Buffer): Buffer {
  return Buffer.concat([tag(type, content.length), content, Buffer.alloc((8 - (content.length % 8)) % 8)]);
}

function tag(type: number, bytes: number): Buffer {
  const words = Buffer.alloc(8);
  words.writeUInt32LE(type, 0);
  words.writeUInt32LE(bytes, 4);
  return words;
}
