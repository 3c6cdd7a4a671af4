import { appendFileSync } from "node:fs";

export interface ComparisonOptions {
  /** Of the project: "cleaning", "k-means" … */
  readonly part: string;
  /** What is done, and to how much. */
  readonly work: string;
  /** How often each variant has its turn. Default 15. */
  readonly rounds?: number;
  /** A quicker variant runs several times in its turn, and the mean counts: clocks tick. Default 20. */
  readonly turnMs?: number;
}

/** Median and quartiles. */
export interface Spread {
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
}

export interface VariantTimes {
  readonly variant: string;
  /** Processor time of all threads of this process: what other processes do at the same time counts little. */
  readonly cpuMs: Spread;
  readonly wallMs: Spread;
  /** Of its turn. */
  readonly runs: number;
}

export interface Comparison {
  readonly part: string;
  readonly work: string;
  readonly rounds: number;
  /** The plain one first. */
  readonly variants: readonly VariantTimes[];
}

/**
 * For `bench` of vitest, which would time one variant after the other: a comparison is one sample. It has to be an async function;
 * any other is called more often, to see what it gives back.
 */
export const oneSample = { iterations: 1, warmupIterations: 0, time: 0, warmupTime: 0 };

/**
 * Runs the variants in turn, round after round and every other round in reverse, so that a busy moment of the machine meets all
 * of them; a turn ahead of the rounds warms up. Prints a Markdown table, and adds a line of JSON to the file that `QUEE_BENCH_OUT`
 * names, if it is set.
 * @param variants by name, the plain one first
 */
export async function compareVariants(
  { part, work, rounds = 15, turnMs = 20 }: ComparisonOptions,
  variants: Readonly<Record<string, () => unknown>>,
): Promise<void> {
  const runners = [];
  for (const [variant, run] of Object.entries(variants)) {
    runners.push({ variant, run, runs: await runsWithin(turnMs, run), cpuMs: [] as number[], wallMs: [] as number[] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { run, runs, cpuMs, wallMs } of round % 2 === 0 ? runners : runners.toReversed()) {
      const [cpu, wall] = [process.cpuUsage(), performance.now()];
      for (let i = 0; i < runs; i++) await run();
      wallMs.push((performance.now() - wall) / runs);
      const { user, system } = process.cpuUsage(cpu);
      cpuMs.push((user + system) / 1000 / runs);
    }
  }
  const comparison: Comparison = {
    ...{ part, work, rounds },
    variants: runners.map(({ variant, runs, cpuMs, wallMs }) => ({
      ...{ variant, cpuMs: spreadOf(cpuMs), wallMs: spreadOf(wallMs), runs },
    })),
  };
  console.log(comparisonTable([comparison]));
  const file = process.env["QUEE_BENCH_OUT"];
  if (file) appendFileSync(file, `${JSON.stringify(comparison)}\n`);
}

/** One row per variant: medians with quartiles, and how many times as fast it is as the plain one. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.flatMap(({ part, work, variants }) =>
    variants.map(({ variant, cpuMs, wallMs }, v) => {
      const speed = v === 0 ? "1" : digits((variants[0] as VariantTimes).cpuMs.median / cpuMs.median);
      return [part, work, variant, inWords(cpuMs), inWords(wallMs), speed];
    }),
  );
  const lines = [["part", "work", "variant", "ms of CPU", "ms", "times as fast, CPU"], Array(6).fill("---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

async function runsWithin(leastMs: number, run: () => unknown): Promise<number> {
  const start = performance.now();
  let runs = 0;
  do {
    await run();
    runs++;
  } while (performance.now() - start < leastMs);
  return runs;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const quantile = (q: number) => {
    const at = q * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
    return low + (at - Math.floor(at)) * (high - low);
  };
  return { lower: quantile(0.25), median: quantile(0.5), upper: quantile(0.75) };
}

function inWords({ lower, median, upper }: Spread): string {
  return `${digits(median)} (${digits(lower)} … ${digits(upper)})`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
