import type { ByteStream } from "../files/byte-stream.js";

/** A variable of a MATLAB file, its values not read yet. */
export interface MatVariable {
  readonly name: string;
  /** `double`, `uint8`, `struct`, … */
  readonly className: string;
  /** The first dimension lies closest together. */
  readonly shape: readonly number[];
  /** A real array of numbers; only its values can be read, once. */
  readonly numeric: MatNumbers | null;
}

export interface MatNumbers {
  /** How the values are stored, which may be smaller than the class: `uint8`, `double`, … */
  readonly storedAs: string;
  readonly count: number;
  /** Bytes of the values as they are stored, to be read or skipped in order. */
  readonly bytes: ByteStream;
  /** All values. */
  readAll(): Promise<Float64Array>;
}
