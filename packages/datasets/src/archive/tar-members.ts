import { ByteStream } from "../files/byte-stream.js";
import { invalidData } from "../files/data-errors.js";
import { streamOf } from "../files/inflate.js";

/** A regular file inside an archive. */
export interface TarMember {
  readonly name: string;
  readonly size: number;
  /** To be read before the next member is asked for; what is left of it is skipped. */
  readonly content: ByteStream;
}

const blockBytes = 512;

/** The regular files of a `.tar.gz`, in their order, without unpacking it to disk. POSIX.1-1988 ustar. */
export async function* tarMembers(archive: string): AsyncGenerator<TarMember> {
  const stream = new ByteStream(streamOf(archive, "gzip"), archive);
  try {
    while (!(await stream.isAtEnd())) {
      const at = stream.position;
      const header = await stream.read(blockBytes);
      // Zeros end an archive; what follows is read all the same, for the checksum of the gzip file stands behind it.
      if (header.every((byte) => byte === 0)) continue;
      checkSum(archive, at, header);
      const size = octal(archive, at, header.subarray(124, 136));
      const end = stream.position + size;
      if (isRegularFile(header)) yield { name: nameOf(header), size, content: stream };
      await stream.skip(end - stream.position + ((blockBytes - (size % blockBytes)) % blockBytes));
    }
  } finally {
    await stream.close();
  }
}

/** Type flag "0", or NUL in archives older than ustar. */
function isRegularFile(header: Uint8Array): boolean {
  return header[156] === 0x30 || header[156] === 0;
}

function nameOf(header: Uint8Array): string {
  // GNU tar writes "ustar  " and has other things where POSIX has a prefix.
  const isUstar = text(header.subarray(257, 263)) === "ustar" && header[262] === 0;
  const prefix = isUstar ? text(header.subarray(345, 500)) : "";
  const name = text(header.subarray(0, 100));
  return prefix === "" ? name : `${prefix}/${name}`;
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function octal(archive: string, at: number, field: Uint8Array): number {
  const digits = text(field).trim();
  if (/^[0-7]{1,11}$/.test(digits)) return Number.parseInt(digits, 8);
  throw notATar(archive, at, `a size of ${JSON.stringify(digits)}`);
}

/** The sum of the header's bytes, its own field counted as spaces. */
function checkSum(archive: string, at: number, header: Uint8Array): void {
  let sum = 0;
  for (let i = 0; i < blockBytes; i++) sum += i >= 148 && i < 156 ? 0x20 : header[i];
  if (octal(archive, at, header.subarray(148, 156)) !== sum) throw notATar(archive, at, "a header with another sum");
}

function notATar(archive: string, at: number, got: string) {
  return invalidData({
    code: "E_DATA_FORMAT",
    file: archive,
    where: `byte ${at} of the unpacked archive`,
    expected: "the header of a tar member",
    got,
    hint: "It is damaged or no .tar.gz; fetch it again",
  });
}
