import type { Cell, Contestant, OpenContestant } from "./contestants.js";
import type { BenchImages } from "./images.js";
import { interleaved, quantileOf, type Spread, spreadOf } from "./interleave.js";

/** One contestant in one cell. */
export interface Throughput extends Cell {
  readonly contestant: string;
  readonly imagesPerSecond: Spread;
  readonly top1: number;
  /** Share of the wall time that gates take of the calling thread. */
  readonly gateShare: number;
}

/** Milliseconds of single images, one after the other. */
export interface Latency {
  readonly contestant: string;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Every measured time in ascending order: the distribution. */
  readonly sortedMs: readonly number[];
}

export interface CellOptions {
  readonly contestants: readonly Contestant[];
  readonly images: BenchImages;
  readonly rounds: number;
  readonly signal: AbortSignal;
}

/** Opens all contestants with the same workers and batches, and lets them run in turn over the same images. */
export async function measureCell(cell: Cell, options: CellOptions): Promise<readonly Throughput[]> {
  const { contestants, images, rounds, signal } = options;
  return withOpen(contestants, cell, async (open) => {
    const top1 = new Map<Contestant, number>();
    const gateMs = new Map<Contestant, number[]>(contestants.map((one) => [one, []]));
    const seconds = await interleaved(contestants, rounds, async (one, round) => {
      signal.throwIfAborted();
      const begun = performance.now();
      const answers = await (open.get(one) as OpenContestant).run(images, 0, images.count);
      const ms = performance.now() - begun;
      if (round > 0) gateMs.get(one)?.push(answers.gateMs / ms);
      const right = answers.classes.reduce((sum, answer, i) => sum + (answer === images.labels[i] ? 1 : 0), 0);
      top1.set(one, right / images.count);
      return ms / 1000;
    });
    return contestants.map((one) => ({
      ...cell,
      contestant: one.name,
      imagesPerSecond: spreadOf((seconds.get(one) ?? []).map((s) => images.count / s)),
      top1: top1.get(one) ?? 0,
      gateShare: spreadOf(gateMs.get(one) ?? []).median,
    }));
  });
}

/** Single images, each when the one before is answered. */
export async function measureLatency(options: CellOptions): Promise<readonly Latency[]> {
  const { contestants, images, rounds, signal } = options;
  return withOpen(contestants, { workers: 1, batchSize: 1 }, async (open) => {
    const times = new Map<Contestant, number[]>(contestants.map((one) => [one, []]));
    await interleaved(contestants, rounds, async (one, round) => {
      const { run } = open.get(one) as OpenContestant;
      for (let i = 0; i < images.count; i++) {
        signal.throwIfAborted();
        const begun = performance.now();
        await run(images, i, i + 1);
        if (round > 0) times.get(one)?.push(performance.now() - begun);
      }
      return 0;
    });
    return contestants.map((one) => {
      const sortedMs = (times.get(one) ?? []).sort((a, b) => a - b);
      const at = (q: number) => quantileOf(sortedMs, q);
      return { contestant: one.name, p50: at(0.5), p95: at(0.95), p99: at(0.99), sortedMs };
    });
  });
}

async function withOpen<T>(
  contestants: readonly Contestant[],
  cell: Cell,
  work: (open: ReadonlyMap<Contestant, OpenContestant>) => Promise<T>,
): Promise<T> {
  const open = new Map<Contestant, OpenContestant>();
  try {
    for (const one of contestants) open.set(one, await one.open(cell));
    return await work(open);
  } finally {
    for (const one of open.values()) await one.close();
  }
}
