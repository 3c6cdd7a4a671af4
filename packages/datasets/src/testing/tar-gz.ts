import { gzipSync } from "node:zlib";

/** A `.tar.gz` in memory. */
export function tarGz(members: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Uint8Array {
  const blocks = members.flatMap(({ name, bytes }) => [
    header(name, bytes.length),
    bytes,
    new Uint8Array((512 - (bytes.length % 512)) % 512),
  ]);
  return gzipSync(Buffer.concat([...blocks, new Uint8Array(1024)]));
}

function header(name: string, size: number): Uint8Array {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write("0000644\0", 100);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write(`${" ".repeat(8)}0`, 148);
  block.write("ustar\0", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
