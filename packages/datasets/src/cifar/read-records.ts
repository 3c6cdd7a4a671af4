import { basename } from "node:path";
import { type TarMember, tarMembers } from "../archive/tar-members.js";
import { invalidData } from "../files/data-errors.js";
import { otherFileKind } from "../files/file-kind.js";
import { withDataFile } from "../files/read-bytes.js";
import { type RecordFile, rangeWithin } from "../files/record-file.js";
import type { FoundFile } from "./find-record-file.js";
import type { RecordLayout } from "./record-layout.js";

/** A range of records of one file. */
export interface Records {
  /** For messages: the file, or the archive and the member. */
  readonly file: string;
  /** Index in the file of the first record. */
  readonly from: number;
  /** count · recordBytes bytes */
  readonly bytes: Uint8Array;
}

/** Far above any file of these datasets: an archive that promises more is no such archive. */
const largestMemberBytes = 2 ** 30;

/** Reads ranges of files of fixed-size records, in their order; an archive is read once for all its files. */
export async function readRecords(
  files: readonly RecordFile[],
  found: readonly FoundFile[],
  layout: RecordLayout,
): Promise<readonly Records[]> {
  const results: Records[] = [];
  const byArchive = new Map<string, MemberRange[]>();
  for (const [place, range] of files.entries()) {
    const where = found[place];
    if (where.kind === "file") results[place] = await fromFile(where.path, range, layout);
    else byArchive.set(where.archive, [...(byArchive.get(where.archive) ?? []), { place, name: where.name, range }]);
  }
  for (const [archive, ranges] of byArchive) {
    for (const [place, records] of await fromArchive(archive, ranges, layout)) results[place] = records;
  }
  return results;
}

/** A range of an archive's member, and its place in the result. */
interface MemberRange {
  readonly place: number;
  readonly name: string;
  readonly range: RecordFile;
}

function fromFile(path: string, range: RecordFile, layout: RecordLayout): Promise<Records> {
  return withDataFile(path, async ({ size, read }) => {
    checkContents(path, size, await read(0, Math.min(size, 256)), layout);
    const { from, count } = rangeWithin(path, range, size / layout.recordBytes);
    return { file: path, from, bytes: await read(from * layout.recordBytes, count * layout.recordBytes) };
  });
}

/** To the end of the archive, where its checksum stands. */
async function fromArchive(archive: string, ranges: readonly MemberRange[], layout: RecordLayout) {
  const results = new Map<number, Records>();
  const seen: string[] = [];
  for await (const member of tarMembers(archive)) {
    const name = basename(member.name);
    if (name.endsWith(".bin")) seen.push(name);
    const wanted = ranges.filter((one) => basename(one.name) === name);
    if (wanted.length > 0) await readMember(archive, member, wanted, layout, results);
  }
  for (const { place, name } of ranges) {
    if (results.has(place)) continue;
    throw invalidData({
      code: "E_DATA_MISSING",
      file: archive,
      where: name,
      expected: "a file of that name in the archive",
      got: seen.length === 0 ? "no .bin file at all" : `only ${seen.join(", ")}`,
      hint: `It should be ${layout.archive}, the "binary version" of ${layout.title}`,
    });
  }
  return results;
}

async function readMember(
  archive: string,
  { name, size, content }: TarMember,
  wanted: readonly MemberRange[],
  layout: RecordLayout,
  results: Map<number, Records>,
): Promise<void> {
  const file = `${archive}: ${name}`;
  if (size > largestMemberBytes) {
    throw invalidData({ code: "E_DATA_SIZE", file, expected: "at most 1 GiB", got: `${size} bytes` });
  }
  checkContents(file, size, new Uint8Array(0), layout);
  const { recordBytes } = layout;
  const begin = content.position;
  for (const { place, range } of wanted.toSorted((a, b) => (a.range.from ?? 0) - (b.range.from ?? 0))) {
    const { from, count } = rangeWithin(file, range, size / recordBytes);
    await content.skip(begin + from * recordBytes - content.position);
    results.set(place, { file, from, bytes: await content.read(count * recordBytes) });
  }
}

function checkContents(file: string, size: number, head: Uint8Array, { recordBytes, title }: RecordLayout): void {
  const expected = `${title} records of ${recordBytes} bytes`;
  if (size === 0) throw invalidData({ code: "E_DATA_EMPTY", file, expected, got: "an empty file" });
  const kind = otherFileKind(head);
  if (kind !== null) throw invalidData({ code: "E_DATA_FORMAT", file, expected, ...kind });
  const remainder = size % recordBytes;
  if (remainder === 0) return;
  throw invalidData({
    code: "E_DATA_SIZE",
    file,
    expected: `a size that is a multiple of ${recordBytes} bytes (${title})`,
    got: `${size} bytes: ${Math.floor(size / recordBytes)} records and ${remainder} bytes`,
    hint: otherSize(size, recordBytes) ?? "It is cut off or not of this layout; fetch it again",
  });
}

function otherSize(size: number, recordBytes: number): string | undefined {
  const others = [
    { title: "CIFAR-10", bytes: 3073 },
    { title: "CIFAR-100", bytes: 3074 },
  ].filter(({ bytes }) => bytes !== recordBytes && size % bytes === 0);
  return others.map(({ title, bytes }) => `Its size is that of ${title} (${bytes} bytes a record)`)[0];
}
