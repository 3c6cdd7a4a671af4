import { invalidData } from "./data-errors.js";

/** Reads exact numbers of bytes from a stream of chunks; of what it skips it keeps nothing. */
export class ByteStream {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #file: string;
  #chunk: Uint8Array = new Uint8Array(0);
  #position = 0;

  /** @param file named in errors */
  constructor(chunks: AsyncIterable<Uint8Array>, file: string) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#file = file;
  }

  /** Bytes read or skipped so far. */
  get position(): number {
    return this.#position;
  }

  async isAtEnd(): Promise<boolean> {
    return (await this.#next(1)) === null;
  }

  /** The next `length` bytes, alone in their buffer. */
  async read(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this.parts(length)) parts.push(part);
    // Memory grows with the bytes that really come, whatever length a damaged file promises.
    return new Uint8Array(parts.length === 1 ? parts[0] : Buffer.concat(parts));
  }

  async skip(length: number): Promise<void> {
    for await (const _ of this.parts(length));
  }

  /** The next `length` bytes as they come: views that hold until the next call. */
  async *parts(length: number): AsyncGenerator<Uint8Array> {
    for (let missing = length; missing > 0; ) {
      const part = await this.#next(missing);
      if (part === null) throw this.#tooShort(missing);
      this.#chunk = this.#chunk.subarray(part.length);
      this.#position += part.length;
      missing -= part.length;
      yield part;
    }
  }

  /** Lets go of the source before its end. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** At most `most` bytes of what is there, not yet taken; null at the end. */
  async #next(most: number): Promise<Uint8Array | null> {
    while (this.#chunk.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done === true) return null;
      this.#chunk = value;
    }
    return this.#chunk.subarray(0, most);
  }

  #tooShort(missing: number) {
    return invalidData({
      code: "E_DATA_SIZE",
      file: this.#file,
      where: `byte ${this.#position} of the unpacked data`,
      expected: `${missing} more bytes`,
      got: "the end",
      hint: "It is cut off or damaged; fetch it again",
    });
  }
}
