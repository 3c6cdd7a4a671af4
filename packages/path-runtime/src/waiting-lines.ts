import type { Bits } from "@quee/core";

/** The model that a line waits for. */
export interface Stop {
  /** 1 … E */
  readonly block: number;
  readonly bits: Bits;
}

interface Waiting<Item> {
  readonly item: Item;
  /** Batches that had left when it came. */
  readonly since: number;
}

interface Line<Item> {
  readonly stop: Stop;
  readonly items: Waiting<Item>[];
}

/** Batches that may leave before somebody who waits: a rare model's line is short, and longer ones go first. */
const patience = 24;

/** One line per block and level, first come first served. */
export class WaitingLines<Item> {
  readonly #batchSize: number;
  readonly #lines = new Map<string, Line<Item>>();
  #departed = 0;

  constructor(batchSize: number) {
    this.#batchSize = batchSize;
  }

  add(stop: Stop, item: Item): void {
    const key = `${stop.block}@${stop.bits}`;
    const line = this.#lines.get(key) ?? { stop, items: [] };
    this.#lines.set(key, line);
    line.items.push({ item, since: this.#departed });
  }

  /** Removes and returns all that `leaves` says. */
  takeOut(leaves: (item: Item) => boolean): readonly Item[] {
    const out: Item[] = [];
    for (const { items } of this.#lines.values()) {
      for (const { item } of items) if (leaves(item)) out.push(item);
      const staying = items.filter(({ item }) => !leaves(item));
      items.splice(0, items.length, ...staying);
    }
    return out;
  }

  /**
   * The next batch: of the line with the most to carry (up to a batch), of equals the one furthest along, whose images make room
   * soonest; but first of whoever has waited too long. Null where nobody waits.
   */
  next(): { readonly stop: Stop; readonly items: readonly Item[] } | null {
    const lines = [...this.#lines.values()].filter(({ items }) => items.length > 0);
    const [first] = lines.sort(
      (a, b) => this.#overdue(b) - this.#overdue(a) || this.#load(b) - this.#load(a) || b.stop.block - a.stop.block,
    );
    if (first === undefined) return null;
    this.#departed++;
    return { stop: first.stop, items: first.items.splice(0, this.#batchSize).map(({ item }) => item) };
  }

  /** Batches that the head of a line has waited beyond its patience; 0 within it. */
  #overdue({ items: [head] }: Line<Item>): number {
    return Math.max(0, this.#departed - head.since - patience);
  }

  #load({ items }: Line<Item>): number {
    return Math.min(items.length, this.#batchSize);
  }
}
