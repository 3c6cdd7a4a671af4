import type { SplitRole } from "@quee/core";
import { invalidData } from "../files/data-errors.js";
import { checkRecordFiles, type RecordFile } from "../files/record-file.js";
import type { ImageSplit } from "../image-split.js";
import { findRecordFile } from "./find-record-file.js";
import { type Records, readRecords } from "./read-records.js";
import type { RecordLayout } from "./record-layout.js";

export interface RecordOptions<Role extends SplitRole> {
  /** Folder of the publisher's files, of its archive, or of the folder in it; or the archive. */
  readonly root: string;
  readonly files: readonly RecordFile[];
  readonly role: Role;
}

/** Reads only the records asked for, of plain files or straight from the publisher's archive. */
export async function readCifar<Role extends SplitRole>(
  name: string,
  layout: RecordLayout,
  { root, files, role }: RecordOptions<Role>,
): Promise<ImageSplit<Role>> {
  checkRecordFiles(files);
  const images: Uint8Array[] = [];
  const found = await Promise.all(files.map(({ file }) => findRecordFile(root, file, layout)));
  for (const records of await readRecords(files, found, layout)) {
    checkLabels(records, layout);
    const { recordBytes } = layout;
    for (let at = 0; at < records.bytes.length; at += recordBytes) {
      images.push(records.bytes.subarray(at, at + recordBytes));
    }
  }
  return {
    name: `${name} ${role}`,
    role,
    count: images.length,
    classCount: layout.classNames.length,
    imageShape: [3, 32, 32],
    classNames: layout.classNames,
    labels: Int32Array.from(images, (record) => record[layout.classAt]),
    image: (i) => images[i].subarray(layout.labels.length),
  };
}

function checkLabels({ file, from, bytes }: Records, layout: RecordLayout): void {
  const { title, recordBytes, labels, classAt, coarseLabels } = layout;
  for (let at = 0; at < bytes.length; at += recordBytes) {
    const refuse = (offset: number, expected: string) => {
      const record = from + at / recordBytes;
      return invalidData({
        code: "E_DATA_LABEL",
        file,
        where: `record ${record} (byte ${record * recordBytes + offset})`,
        expected,
        got: String(bytes[at + offset]),
        hint: `It is damaged or not ${title}`,
      });
    };
    for (const { name, at: offset, most } of labels) {
      if (bytes[at + offset] > most) throw refuse(offset, `a ${name} from 0 to ${most}`);
    }
    const coarse = coarseLabels?.[bytes[at + classAt]];
    if (coarse !== undefined && bytes[at] !== coarse) {
      throw refuse(0, `coarse label ${coarse}, as fine label ${bytes[at + classAt]} has`);
    }
  }
}
