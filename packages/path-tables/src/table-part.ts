import { type ByteSource, sha256 } from "@quee/artifacts";
import { bits, type Path } from "@quee/core";
import { fromHalves } from "./float16.js";
import { nativeBuffer } from "./little-endian.js";
import { columnBytes, type PartHeader } from "./part-header.js";
import { readPartHeader } from "./read-part-header.js";
import { columnProblem, type Place } from "./table-problem.js";
import { unfitTable } from "./unfit-table.js";

/** One file of a path table. A column is read when it is asked for, and checked the first time. */
export interface StoredPart {
  readonly header: PartHeader;
  readonly paths: readonly Path[];
  /** [n] */
  labels(): Int32Array;
  /** Of path `p` of the header, [n, K]. */
  probabilities(p: number): Float32Array;
  /** Of path `p` of `header.exitFeatures`, [n, D]. */
  exitFeatures(p: number): Float32Array;
}

/** Opens a part: its header is read and compared with the length of the file before anything is allocated. */
export function openPart(source: ByteSource): StoredPart {
  const { header, payloadAt } = readPartHeader(source);
  const { classCount, elementType, sha256: digests } = header;
  const bytesOf = columnBytes(header);
  const paths = header.paths.map((path) => path.map(bits));
  const probabilitiesAt = payloadAt + bytesOf.labels;
  const featuresAt = probabilitiesAt + paths.length * bytesOf.probabilities;
  const checked = new Set<string>();

  /** @param check finds what is wrong with the numbers of a column whose bytes are right */
  const column = <Values>(
    what: { readonly where: string; readonly at: number; readonly length: number; readonly digest: string },
    decode: (bytes: Uint8Array) => Values,
    check: (values: Values) => Place | null,
  ): Values => {
    const bytes = source.read(what.at, what.length);
    if (checked.has(what.where)) return decode(bytes);
    const digest = sha256(bytes);
    if (digest !== what.digest) {
      throw unfitTable({ where: what.where, expected: `sha256 ${what.digest}`, got: digest }, source);
    }
    const values = decode(bytes);
    const problem = check(values);
    if (problem !== null) throw unfitTable(problem, source);
    checked.add(what.where);
    return values;
  };

  return {
    header,
    paths,
    labels: () =>
      column(
        { where: "labels", at: payloadAt, length: bytesOf.labels, digest: digests.labels },
        (bytes) => new Int32Array(nativeBuffer(bytes, 4)),
        (labels) => labelProblem(labels, classCount),
      ),
    probabilities: (p) =>
      column(
        {
          ...{ where: `probabilities of ${header.paths[p].join("-")}`, digest: digests.probabilities[p] },
          ...{ at: probabilitiesAt + p * bytesOf.probabilities, length: bytesOf.probabilities },
        },
        elementType === "float16"
          ? (bytes) => fromHalves(new Uint16Array(nativeBuffer(bytes, 2)))
          : (bytes) => new Float32Array(nativeBuffer(bytes, 4)),
        (values) => columnProblem(paths[p], values, classCount),
      ),
    exitFeatures: (p) =>
      column(
        {
          ...{ where: `exit features of ${header.exitFeatures.paths[p].join("-")}`, digest: digests.exitFeatures[p] },
          ...{ at: featuresAt + p * bytesOf.exitFeatures, length: bytesOf.exitFeatures },
        },
        (bytes) => new Float32Array(nativeBuffer(bytes, 4)),
        () => null,
      ),
  };
}

function labelProblem(labels: Int32Array, classCount: number): Place | null {
  const outside = labels.findIndex((label) => label < 0 || label >= classCount);
  if (outside < 0) return null;
  return { where: `labels[${outside}]`, expected: `0 … ${classCount - 1}`, got: String(labels[outside]) };
}
