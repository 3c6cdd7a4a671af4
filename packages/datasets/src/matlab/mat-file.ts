import { invalidData } from "../files/data-errors.js";
import { otherFileKind } from "../files/file-kind.js";
import { type DataFile, withDataFile } from "../files/read-bytes.js";
import type { MatVariable } from "./mat-variable.js";
import { readVariable } from "./read-variable.js";
import { elementTypes, type Tag } from "./tags.js";

const headerBytes = 128;

/**
 * Goes through the variables of a MATLAB file of version 5 (the level of `save -v6` and `-v7`), one at a time and without
 * holding more of it than `use` keeps: of a variable that `use` does not read, only the head is unpacked.
 * MAT-File Format, MathWorks.
 */
export function readMatFile(path: string, use: (variable: MatVariable) => Promise<void>): Promise<void> {
  return withDataFile(path, async (file) => {
    const isLittleEndian = checkHeader(path, await file.read(0, Math.min(file.size, headerBytes)));
    for (let at = headerBytes; at < file.size; ) {
      const tag = await tagAt(file, at, isLittleEndian);
      if (tag.type === elementTypes.compressed || tag.type === elementTypes.matrix) {
        await readVariable(path, tag, isLittleEndian, use);
      } else {
        throw damaged(path, at, "a variable", `an element of type ${tag.type}`);
      }
      at = tag.end;
    }
  });
}

async function tagAt(file: DataFile, at: number, isLittleEndian: boolean): Promise<Tag> {
  if (at + 8 > file.size) throw damaged(file.path, at, "the 8 bytes before a variable", `${file.size - at}`);
  const view = new DataView((await file.read(at, 8)).buffer);
  const [type, bytes] = [view.getUint32(0, isLittleEndian), view.getUint32(4, isLittleEndian)];
  const end = at + 8 + bytes;
  if (end > file.size) {
    throw damaged(file.path, at, `at most ${file.size - at - 8} bytes, the rest of the file`, `a variable of ${bytes}`);
  }
  return { type, start: at + 8, end };
}

/** @returns whether numbers stand with their low byte first */
function checkHeader(path: string, header: Uint8Array): boolean {
  const refuse = (got: string, hint?: string) =>
    invalidData({
      code: "E_MAT_FORMAT",
      file: path,
      expected: "a MATLAB file of version 5",
      got,
      ...(hint && { hint }),
    });
  if (header.length === 0) throw refuse("an empty file");
  const kind = otherFileKind(header);
  if (kind !== null) throw refuse(kind.got, kind.hint);
  if (isVersion4(header)) throw refuse("a MATLAB file of version 4", "Save it anew with save -v7");
  if (header.length < headerBytes) throw refuse(`a file of ${header.length} bytes`);
  const mark = String.fromCharCode(header[126], header[127]);
  if (mark !== "IM" && mark !== "MI") throw refuse("another file");
  const isLittleEndian = mark === "IM";
  const version = header[isLittleEndian ? 125 : 124];
  if (version === 2) throw refuse("a MATLAB file of version 7.3 (HDF5)", "Save it anew with save -v7");
  if (version !== 1) throw refuse(`version ${version}`);
  return isLittleEndian;
}

/** Version 4 begins with a small number of known digits; version 5 with text. */
function isVersion4(header: Uint8Array): boolean {
  return header.length >= 4 && header.subarray(0, 4).includes(0);
}

function damaged(file: string, at: number, expected: string, got: string) {
  return invalidData({
    code: "E_MAT_DAMAGED",
    file,
    where: `byte ${at}`,
    expected,
    got,
    hint: "It is cut off or damaged; fetch it again",
  });
}
