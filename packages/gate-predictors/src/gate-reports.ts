import { type Bits, type Path, pathKey } from "@quee/core";
import { type ErrorReport, errorReport, type Predictions } from "./error-scores.js";
import { foretell } from "./foretell.js";
import type { GateDiagnosticsOptions } from "./gate-diagnostics.js";
import { type GatePairs, gatePairs } from "./pairs.js";

export interface GateReportOptions extends GateDiagnosticsOptions {
  /** Of each reliability diagram. Default 15. */
  readonly bins?: number;
}

/**
 * What one gate knows, whole and in parts: a gate that tells exits apart and nothing else scores well on the whole, since late
 * exits err less; within one pair it would be no better than a coin.
 */
export interface GateReport {
  /** 2 … E */
  readonly gate: number;
  readonly all: ErrorReport;
  /** By the exit that answers, 1 … E. */
  readonly byExit: readonly (ErrorReport & { readonly exit: number })[];
  /** By the bits of the block that answers, most first. */
  readonly byBits: readonly (ErrorReport & { readonly bits: Bits })[];
  /** By the path so far and the way to go on from it. */
  readonly byPair: readonly (ErrorReport & { readonly prefix: Path; readonly candidate: Path })[];
}

export function gateReports(options: GateReportOptions): readonly GateReport[] {
  const { bins = 15 } = options;
  return gatePairs(options.gates.space).map((pairs: GatePairs) => {
    const byPair = foretell(options, pairs, pairKeys(pairs));
    const together = <Key>(keyOf: (candidate: Path) => Key) =>
      Array.from(
        merged(byPair, ({ candidate }) => keyOf(candidate)),
        ([key, predictions]) => ({ key, report: errorReport(predictions, bins) }),
      );
    const bits = together((candidate) => candidate[candidate.length - 1]).sort((a, b) => b.key - a.key);
    return {
      gate: pairs.gate,
      all: together(() => pairs.gate)[0].report,
      byExit: together((candidate) => candidate.length)
        .sort((a, b) => a.key - b.key)
        .map(({ key, report }) => ({ exit: key, ...report })),
      byBits: bits.map(({ key, report }) => ({ bits: key, ...report })),
      byPair: Array.from(byPair, ([pair, predictions]) => ({ ...pair, ...errorReport(predictions, bins) })),
    };
  });
}

interface Pair {
  readonly prefix: Path;
  readonly candidate: Path;
}

/** One key per pair: paths are told apart by what they hold. A candidate has one prefix of the gate's length. */
function pairKeys({ prefixes, pairs }: GatePairs): (candidate: Path) => Pair {
  const keys = new Map(
    pairs.map(({ prefix, candidate }) => [pathKey(candidate), { prefix: prefixes[prefix], candidate }]),
  );
  return (candidate) => keys.get(pathKey(candidate)) as Pair;
}

function merged<Key>(groups: ReadonlyMap<Pair, Predictions>, keyOf: (pair: Pair) => Key): Map<Key, Predictions> {
  const parts = new Map<Key, Predictions[]>();
  for (const [pair, predictions] of groups) {
    const key = keyOf(pair);
    parts.set(key, [...(parts.get(key) ?? []), predictions]);
  }
  const join = (all: readonly Predictions[], column: keyof Predictions) => all.flatMap((one) => one[column]);
  return new Map(
    Array.from(parts, ([key, all]) => [
      key,
      { predicted: join(all, "predicted"), target: join(all, "target"), wrong: join(all, "wrong") },
    ]),
  );
}
