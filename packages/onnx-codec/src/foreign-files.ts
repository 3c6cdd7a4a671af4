/** First bytes by which a file that is no ONNX model is known. */
const signatures: readonly (readonly [string, string])[] = [
  ["version https://git-lfs", "a Git LFS pointer (the model itself was not downloaded: git lfs pull)"],
  ["PK\x03\x04", "a zip archive (a PyTorch .pt/.pth file is one)"],
  ["PK\x05\x06", "an empty zip archive"],
  ["\x1f\x8b", "a gzip file"],
  ["BZh", "a bzip2 file"],
  ["\xfd7zXZ", "an xz file"],
  ["\x28\xb5\x2f\xfd", "a zstandard file"],
  ["\x80\x02", "a Python pickle"],
  ["\x80\x03", "a Python pickle"],
  ["\x80\x04", "a Python pickle"],
  ["\x80\x05", "a Python pickle"],
  ["\x89HDF\r\n", "an HDF5 file"],
  ["\x89PNG", "a PNG image"],
  ["\xff\xd8\xff", "a JPEG image"],
  ["\x93NUMPY", "a NumPy array"],
  ["%PDF", "a PDF file"],
  ["\x7fELF", "a program"],
];

/** What the bytes are instead of a model, in words, or null when they look like nothing we know. */
export function nameForeignFile(bytes: Uint8Array): string | null {
  const head = Array.from(bytes.subarray(0, 512), (byte) => String.fromCharCode(byte)).join("");
  for (const [signature, name] of signatures) if (head.startsWith(signature)) return name;
  if (/^\S*\.git\/annex\/objects\//.test(head) || head.startsWith("/annex/objects/")) return "a git-annex pointer";
  if (/^\s*<(!doctype html|html|head|\?xml)/i.test(head)) return "a web page or XML";
  if (/^[\s\S]{4}\0\0\0\0\{\s*"/.test(head)) return "a safetensors file";
  if (/^[^\0]{100,}\0[\s\S]*ustar/.test(head)) return "a tar archive";
  if (/^\s*[{[]/.test(head) && isText(head)) return "JSON text";
  return isText(head) ? "text" : null;
}

/** Eight printable characters or more, and nothing else. */
function isText(head: string): boolean {
  return /^[\t\n\r\x20-\x7e\x80-\xff]{8,}$/.test(head);
}
