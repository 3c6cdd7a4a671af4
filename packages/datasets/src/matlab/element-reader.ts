import { ByteStream } from "../files/byte-stream.js";
import { invalidData } from "../files/data-errors.js";
import type { MatNumbers, MatVariable } from "./mat-variable.js";
import { arrayClasses, elementTypes, numberTypes } from "./tags.js";

/** The head of a variable: flags, dimensions and a name. Ours have four dimensions and a letter. */
const headLimit = 1 << 16;

const numberClasses = new Set(
  arrayClasses.filter((name) => name !== undefined && /^(double|single|u?int\d+)$/.test(name)),
);

/** Reads the elements of one variable in their order: flags, dimensions, name, values. */
export class ElementReader {
  /** Where the matrix ends in the unpacked stream. */
  #end = Number.POSITIVE_INFINITY;

  constructor(
    private readonly stream: ByteStream,
    private readonly file: string,
    private readonly at: number,
    private readonly isLittleEndian: boolean,
    private readonly mostBytes: number,
  ) {}

  async enterMatrix(): Promise<void> {
    const { type, bytes } = await this.#tag();
    if (type !== elementTypes.matrix) throw this.#damaged("an array", `an element of type ${type}`);
    if (bytes > this.mostBytes) {
      throw this.#damaged(
        `at most ${this.mostBytes} bytes, all that its packed bytes can hold`,
        `an array of ${bytes}`,
      );
    }
    this.#end = this.stream.position + bytes;
  }

  async head(): Promise<MatVariable> {
    const flags = await this.#element(elementTypes.uint32, "array flags", 8);
    const view = new DataView(flags.buffer);
    const word = view.getUint32(0, this.isLittleEndian);
    const className = arrayClasses[word & 0xff];
    if (className === undefined) throw this.#damaged("a class of arrays", `number ${word & 0xff}`);
    const isComplex = (word & 0x0800) !== 0;
    // These have no dimensions, and nothing we could want.
    if (className === "opaque") return { name: "", className, shape: [], numeric: null };
    const dimensions = await this.#element(elementTypes.int32, "dimensions");
    const sizes = new DataView(dimensions.buffer);
    const shape = Array.from({ length: dimensions.length >> 2 }, (_, i) => sizes.getInt32(i * 4, this.isLittleEndian));
    if (shape.length < 2 || shape.some((size) => size < 0)) {
      throw this.#damaged("two or more dimensions", JSON.stringify(shape));
    }
    const name = Buffer.from(await this.#element(elementTypes.int8, "a name")).toString("latin1");
    const isPlain = numberClasses.has(className) && !isComplex;
    return { name, className, shape, numeric: isPlain ? await this.#numbers(name, shape) : null };
  }

  /** What follows the values, so that a damaged end is noticed. */
  async finish(): Promise<void> {
    await this.stream.skip(Math.max(0, this.#end - this.stream.position));
    if (!(await this.stream.isAtEnd())) throw this.#damaged("the end of the variable", "more bytes");
  }

  async #numbers(name: string, shape: readonly number[]): Promise<MatNumbers> {
    const count = shape.reduce((product, size) => product * size, 1);
    const { type, bytes, inline } = await this.#tag();
    const stored = numberTypes.get(type);
    if (stored === undefined) throw this.#damaged(`numbers of ${name}`, `an element of type ${type}`);
    if (bytes !== count * stored.bytes || bytes > this.mostBytes) {
      throw this.#damaged(`${count} values of ${name} (${shape.join("×")})`, `${bytes} bytes of ${stored.name}`);
    }
    const content = inline === undefined ? this.stream : new ByteStream(once(inline), this.file);
    const readAll = async () => {
      const view = new DataView((await content.read(bytes)).buffer);
      return Float64Array.from({ length: count }, (_, i) => stored.get(view, i * stored.bytes, this.isLittleEndian));
    };
    return { storedAs: stored.name, count, bytes: content, readAll };
  }

  /** The bytes of an element that must be of one type. */
  async #element(type: number, what: string, length?: number): Promise<Uint8Array> {
    const tag = await this.#tag();
    if (tag.type !== type || (length !== undefined && tag.bytes !== length) || tag.bytes > headLimit) {
      throw this.#damaged(what, `an element of type ${tag.type} and ${tag.bytes} bytes`);
    }
    if (tag.inline !== undefined) return tag.inline;
    const content = await this.stream.read(tag.bytes);
    await this.stream.skip((8 - (tag.bytes % 8)) % 8);
    return content;
  }

  /** A tag; of four bytes or less, the values stand in it. */
  async #tag(): Promise<{ readonly type: number; readonly bytes: number; readonly inline?: Uint8Array }> {
    const raw = await this.stream.read(8);
    const view = new DataView(raw.buffer);
    const word = view.getUint32(0, this.isLittleEndian);
    const smallBytes = word >>> 16;
    if (smallBytes === 0) return { type: word, bytes: view.getUint32(4, this.isLittleEndian) };
    if (smallBytes > 4) throw this.#damaged("a small element of 4 bytes at most", `one of ${smallBytes}`);
    return { type: word & 0xffff, bytes: smallBytes, inline: raw.slice(4, 4 + smallBytes) };
  }

  #damaged(expected: string, got: string) {
    return invalidData({
      code: "E_MAT_DAMAGED",
      file: this.file,
      where: `variable at byte ${this.at}`,
      expected,
      got,
      hint: "It is damaged or not what it says; fetch it again",
    });
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
