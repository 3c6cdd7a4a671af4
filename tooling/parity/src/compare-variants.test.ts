import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Comparison, compareVariants, comparisonTable } from "@quee/tooling-testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quee-bench-"));
  file = join(folder, "lines.jsonl");
  vi.stubEnv("QUEE_BENCH_OUT", file);
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});
const written = () =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Comparison);

test("variants run in turn, every other round in reverse, behind a turn that warms up", async () => {
  const order: string[] = [];
  const variants = { a: () => order.push("a"), b: async () => order.push("b"), c: () => order.push("c") };
  await compareVariants({ part: "p", work: "w", rounds: 3, turnMs: 0 }, variants);
  expect(order.join("")).toBe("abc" + "abc" + "cba" + "abc");
});

test("every comparison adds a line with medians and quartiles of a run, and prints its rows", async () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const print = vi.spyOn(console, "log");
  // Turns of the long one: 8 ms to warm up, then these.
  const turns = [8, 10, 40, 20, 30, 50];
  const long = () => (now += turns.shift() as number);
  const short = () => (now += 2);
  await compareVariants({ part: "one", work: "w", rounds: 5, turnMs: 7 }, { long, short });
  await compareVariants({ part: "two", work: "w", rounds: 1 }, { short });
  const [one, two] = written() as [Comparison, Comparison];
  expect([one.part, one.rounds, two.part, two.variants.length]).toEqual(["one", 5, "two", 1]);
  expect(one.variants.map(({ variant, runs, wallMs }) => ({ variant, runs, wallMs }))).toEqual([
    { variant: "long", runs: 1, wallMs: { lower: 20, median: 30, upper: 40 } },
    { variant: "short", runs: 4, wallMs: { lower: 2, median: 2, upper: 2 } },
  ]);
  for (const { lower, median, upper } of one.variants.map(({ cpuMs }) => cpuMs)) {
    expect(lower >= 0 && lower <= median && median <= upper).toBe(true);
  }
  expect(print.mock.calls.map(([text]) => text)).toEqual([comparisonTable([one]), comparisonTable([two])]);
});

test("the table says how many times as fast as the plain variant the others are", () => {
  const at = (median: number) => ({ lower: median / 2, median, upper: 3 * median });
  const times = (variant: string, ms: number) => ({ variant, cpuMs: at(ms), wallMs: at(2 * ms), runs: 1 });
  const variants = [times("plain", 300), times("quick", 40)];
  expect(
    comparisonTable([{ part: "p", work: "w", rounds: 1, variants }])
      .split("\n")
      .slice(2),
  ).toEqual([
    "| p | w | plain | 300 (150 … 900) | 600 (300 … 1800) | 1 |",
    "| p | w | quick | 40.0 (20.0 … 120) | 80.0 (40.0 … 240) | 7.50 |",
  ]);
});

test("a variant that fails, fails the comparison", async () => {
  const broken = () => Promise.reject(new Error("no product"));
  await expect(compareVariants({ part: "p", work: "w" }, { fine: () => {}, broken })).rejects.toThrow("no product");
});
