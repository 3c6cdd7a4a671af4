import type { GateView, Path, SplitRole } from "@quee/core";
import type { ProbabilityTable } from "./probability-table.js";

/** What the gate behind `prefix` sees of the samples `rows`, as if they had come that way. */
export function tableView(table: ProbabilityTable<SplitRole>, prefix: Path, rows: Int32Array): GateView {
  const { classCount } = table;
  const history = prefix.map((_, block) => {
    const all = table.probabilities(prefix.slice(0, block + 1));
    const own = new Float32Array(rows.length * classCount);
    for (const [i, row] of rows.entries())
      own.set(all.subarray(row * classCount, (row + 1) * classCount), i * classCount);
    return own;
  });
  return { prefix, count: rows.length, classCount, history };
}

/** 0 … count − 1 in order, in pieces: a table of 50,000 samples and 35 paths has features of several GB. */
export function* inPieces(count: number, size: number): Generator<Int32Array> {
  for (let from = 0; from < count; from += size) {
    yield Int32Array.from({ length: Math.min(size, count - from) }, (_, i) => from + i);
  }
}
