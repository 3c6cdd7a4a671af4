import type { Tensor } from "@quee/tensor";

/** Arrays that nobody needs, at most. */
const mostSpare = 8;

/**
 * Arrays of hidden states that are used again. Rows are views of the batch that they came in; when the last one is released, the array
 * of the batch serves for another. With new arrays of megabytes all the time, collecting garbage would take a tenth of the thread.
 */
export class HiddenStates {
  readonly #rowsLeft = new WeakMap<ArrayBufferLike, number>();
  readonly #spare: Float32Array[] = [];

  /** An array to fill and to give away; what is in it is of no meaning. */
  take(length: number): Float32Array {
    const at = this.#spare.findIndex((array) => array.length === length);
    return at < 0 ? new Float32Array(length) : (this.#spare.splice(at, 1)[0] as Float32Array);
  }

  /** From now on the array is ours. @param batch fills its buffer; each of its rows will be released once */
  hold(batch: Float32Array, rows: number): void {
    this.#rowsLeft.set(batch.buffer, rows);
  }

  /** A row is read no more. Of arrays that are not held, nothing happens. */
  release(row: Tensor | null): void {
    if (row === null) return;
    const { buffer } = row.data;
    const left = this.#rowsLeft.get(buffer);
    if (left === undefined) return;
    if (left > 1) {
      this.#rowsLeft.set(buffer, left - 1);
      return;
    }
    this.#rowsLeft.delete(buffer);
    if (this.#spare.length < mostSpare) this.#spare.push(new Float32Array(buffer));
  }
}
