import { ByteStream } from "../files/byte-stream.js";
import { streamOf } from "../files/inflate.js";
import { ElementReader } from "./element-reader.js";
import type { MatVariable } from "./mat-variable.js";
import { elementTypes, type Tag } from "./tags.js";

/** No packed byte becomes more than 1,032 (deflate): a file that promises more than that lies. */
const deflateLimit = 1032;

/** Shows `use` the variable at `tag`; whatever it leaves unread is not unpacked, and what it reads is checked to its end. */
export async function readVariable(
  file: string,
  tag: Tag,
  isLittleEndian: boolean,
  use: (variable: MatVariable) => Promise<void>,
): Promise<void> {
  const isPacked = tag.type === elementTypes.compressed;
  const stream = new ByteStream(streamOf(file, isPacked ? "zlib" : "none", tag), file);
  try {
    const mostBytes = isPacked ? (tag.end - tag.start) * deflateLimit : tag.end - tag.start;
    const reader = new ElementReader(stream, file, tag.start, isLittleEndian, mostBytes);
    if (isPacked) await reader.enterMatrix();
    // An element of no bytes is a variable without a value.
    if (tag.end === tag.start) return;
    const variable = await reader.head();
    const before = stream.position;
    await use(variable);
    if (isPacked && stream.position > before) await reader.finish();
  } finally {
    await stream.close();
  }
}
