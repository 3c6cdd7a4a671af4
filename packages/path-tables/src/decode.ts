import { bits, QueeError, type SplitRole, show } from "@quee/core";
import { type Header, headerSchema, magic, payloadBytes, preambleBytes } from "./header.js";
import { featuresByPath, type PathTable, selectRole, tableOf } from "./table.js";
import { type Place, problemOf } from "./table-problem.js";

/**
 * Reads a path table file whose samples are for `role`. Everything is checked before anything is allocated; what does not
 * fit is an error of kind "artifact" that names `file`.
 */
export function decodePathTable<Role extends SplitRole>(
  bytes: Uint8Array,
  role: Role,
  { file }: { readonly file?: string } = {},
): PathTable<Role> {
  const fail = (problem: Place, cause?: unknown) =>
    new QueeError({
      code: "E_PATH_TABLE",
      ...problem,
      kind: "artifact",
      ...(file === undefined ? {} : { file }),
      ...(cause === undefined ? {} : { cause }),
    });
  const { header, payloadAt } = readHeader(bytes, fail);
  const { count, classCount } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const labels = readInt32(view, payloadAt, count);
  const parts = {
    role: header.role,
    classCount,
    labels,
    paths: header.paths.map((path) => path.map(bits)),
    probabilities: header.paths.map((_, p) =>
      readFloat32(view, payloadAt + 4 * count * (1 + p * classCount), count * classCount),
    ),
  };
  const problem = problemOf(parts);
  if (problem !== null) throw fail(problem);
  const table = selectRole(tableOf(parts), role, file === undefined ? {} : { file });
  if (header.version === 1) return table;
  const { width, paths } = header.exitFeatures;
  const featuresAt = payloadAt + 4 * count * (1 + header.paths.length * classCount);
  const features = paths.map((path, p) => ({
    path: path.map(bits),
    values: readFloat32(view, featuresAt + 4 * count * p * width, count * width),
  }));
  return { ...table, exitFeatures: featuresByPath(features) };
}

type Fail = (problem: Place, cause?: unknown) => QueeError;

function readHeader(bytes: Uint8Array, fail: Fail): { readonly header: Header; readonly payloadAt: number } {
  if (bytes.length < preambleBytes || magic.some((byte, i) => bytes[i] !== byte)) {
    throw fail({
      where: "byte 0",
      expected: "a path table (it begins with QUEEPATH)",
      got: `${bytes.length} other bytes`,
    });
  }
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(magic.length, true);
  const payloadAt = preambleBytes + headerBytes;
  if (payloadAt > bytes.length) {
    throw fail({ where: "header", expected: `${headerBytes} bytes`, got: `${bytes.length - preambleBytes}` });
  }
  const header = parseHeader(bytes.subarray(preambleBytes, payloadAt), fail);
  const expected = payloadAt + payloadBytes(header);
  if (bytes.length !== expected) {
    throw fail({ where: "length of the file", expected: `${expected} bytes`, got: `${bytes.length}` });
  }
  return { header, payloadAt };
}

function parseHeader(bytes: Uint8Array, fail: Fail): Header {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw fail({ where: "header", expected: "JSON", got: "something else" }, cause);
  }
  const parsed = headerSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue.path.join(".");
  throw fail(
    {
      where: field === "" ? "header" : `header.${field}`,
      expected: issue.message,
      got: show(valueAt(json, issue.path)),
    },
    parsed.error,
  );
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    json,
  );
}

// A DataView reads little-endian on every machine and from any offset.
function readInt32(view: DataView, at: number, length: number): Int32Array {
  const values = new Int32Array(length);
  for (let i = 0; i < length; i++) values[i] = view.getInt32(at + 4 * i, true);
  return values;
}

function readFloat32(view: DataView, at: number, length: number): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = view.getFloat32(at + 4 * i, true);
  return values;
}
