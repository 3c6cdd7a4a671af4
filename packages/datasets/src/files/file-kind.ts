/** What a file is that should have been something else. */
export interface OtherKind {
  readonly got: string;
  readonly hint: string;
}

/** What a file is that should have been a data file, seen from its first bytes; null when nothing else is known. */
export function otherFileKind(head: Uint8Array): OtherKind | null {
  const startsWith = (...bytes: readonly number[]) => bytes.every((byte, i) => head[i] === byte);
  const text = Buffer.from(head).toString("latin1");
  if (startsWith(0x1f, 0x8b)) {
    return {
      got: "a gzip archive",
      hint: "Name the files inside; an archive with the publisher's name is looked into",
    };
  }
  if (startsWith(0x50, 0x4b, 0x03, 0x04)) {
    return { got: "a zip archive", hint: "Unpack it first and name the files inside" };
  }
  // A pickle of protocol 2 to 5; no label is that large, so records never begin so.
  if (head[0] === 0x80 && head[1] >= 2 && head[1] <= 5) {
    return {
      got: "a Python pickle",
      hint: 'This is the "python version" of CIFAR; pickles are never opened. Get the "binary version"',
    };
  }
  if (text.startsWith("version https://git-lfs")) {
    return { got: "a git-LFS pointer", hint: "Fetch the real file with git lfs pull" };
  }
  if (text.includes("/annex/objects/")) {
    return { got: "a git-annex pointer", hint: "Fetch the real file with git annex get" };
  }
  if (/^\s*<(!doctype|html)/i.test(text)) {
    return { got: "an HTML page", hint: "The download probably failed; fetch the file again" };
  }
  return null;
}
