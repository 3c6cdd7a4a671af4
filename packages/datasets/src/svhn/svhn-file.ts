import { invalidData } from "../files/data-errors.js";
import { type RecordFile, rangeWithin } from "../files/record-file.js";
import { readMatFile } from "../matlab/mat-file.js";
import type { MatNumbers, MatVariable } from "../matlab/mat-variable.js";

const side = 32;
const area = side * side;
const imageBytes = 3 * area;

export interface SvhnPart {
  /** Planes R, G, B of each image. [3, 32, 32] */
  readonly images: readonly Uint8Array[];
  /** The digits, 0 to 9. */
  readonly labels: Int32Array;
}

/** One file, or a range of its images. `X` and `y` may stand in any order, and other variables beside them. */
export async function readSvhnFile(file: string, range: RecordFile): Promise<SvhnPart> {
  let images: readonly Uint8Array[] | undefined;
  let labels: Float64Array | undefined;
  let imageCount = 0;
  const seen: string[] = [];
  await readMatFile(file, async (variable) => {
    seen.push(variable.name);
    if (variable.name === "X") {
      imageCount = countOfImages(file, variable);
      images = await readImages(numbersOf(file, variable), rangeWithin(file, range, imageCount));
    } else if (variable.name === "y") {
      labels = await readLabels(file, variable);
    }
  });
  if (images === undefined) throw missing(file, "X", seen);
  if (labels === undefined) throw missing(file, "y", seen);
  if (labels.length !== imageCount) {
    throw refused(file, "y", `${imageCount} labels, as X has images`, `${labels.length}`);
  }
  const from = range.from ?? 0;
  return { images, labels: digits(file, labels.subarray(from, from + images.length), from) };
}

function countOfImages(file: string, { shape, className, numeric }: MatVariable): number {
  const [height, width, channels, count = 1, ...more] = shape;
  const expected = "images as [32, 32, 3, N]";
  if (height !== side || width !== side || channels !== 3 || more.length > 0) {
    throw refused(file, "X", expected, `[${shape.join(", ")}]`);
  }
  if (className !== "uint8" || numeric?.storedAs !== "uint8") throw refused(file, "X", "bytes (uint8)", className);
  if (count === 0) throw refused(file, "X", "an image", "none");
  return count;
}

async function readImages({ bytes }: MatNumbers, { from, count }: { from: number; count: number }) {
  await bytes.skip(from * imageBytes);
  const images: Uint8Array[] = [];
  for (let i = 0; i < count; i++) images.push(transposed(await bytes.read(imageBytes)));
  return images;
}

/** MATLAB lays columns together: pixel (row, column) is at column · 32 + row. */
function transposed(columns: Uint8Array): Uint8Array {
  const rows = new Uint8Array(imageBytes);
  for (let plane = 0; plane < imageBytes; plane += area) {
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        rows[plane + row * side + column] = columns[plane + column * side + row];
      }
    }
  }
  return rows;
}

async function readLabels(file: string, variable: MatVariable): Promise<Float64Array> {
  const { shape } = variable;
  if (shape.length > 2 || !shape.includes(1)) throw refused(file, "y", "labels as [N, 1]", `[${shape.join(", ")}]`);
  return numbersOf(file, variable).readAll();
}

/** Label 10 is the digit 0. */
function digits(file: string, labels: Float64Array, from: number): Int32Array {
  return Int32Array.from(labels, (label, i) => {
    if (Number.isInteger(label) && label >= 1 && label <= 10) return label % 10;
    throw refused(file, `y[${from + i}]`, "a label from 1 to 10 (10 is the digit 0)", String(label));
  });
}

function numbersOf(file: string, { name, className, numeric }: MatVariable): MatNumbers {
  if (numeric !== null) return numeric;
  throw refused(file, name, "real numbers", `${className}`);
}

function missing(file: string, name: string, seen: readonly string[]) {
  return refused(file, name, "a variable of that name", seen.length === 0 ? "no variables" : `only ${seen.join(", ")}`);
}

function refused(file: string, where: string, expected: string, got: string) {
  const hint = "SVHN is read from its cropped digits (Format 2): train_32x32.mat, test_32x32.mat, extra_32x32.mat";
  return invalidData({ code: "E_SVHN", file, where, expected, got, hint });
}
