import { type Path, type PathKey, type Policy, pathKey, QueeError } from "@quee/core";
import { argmaxRows, tensor } from "@quee/tensor";
import { askPolicy, type ContinueAction, type Decisions, sendAll } from "./ask-policy.js";
import { rowsOf } from "./rows.js";
import { runsOf, samplesOf } from "./sample-runs.js";
import type { PathTable } from "./table.js";
import { tableView } from "./table-view.js";

export interface ReplayOptions {
  /** Every path space will do; only its number of exits matters, since static rivals start at bits that routers may not. */
  readonly space: { readonly exitCount: number };
  /** Where all images go before any gate; without it the policy is asked, with an empty prefix and history. */
  readonly firstAction?: ContinueAction;
}

/** Where a policy sends the samples of a table, and what they answer there. */
export interface Replay {
  /** Decisions made on a table: no block was skipped for them. Live runs say `staged`. */
  readonly exit: "replayed";
  readonly policy: string;
  readonly exitCount: number;
  /** [N], index into the paths of the table */
  readonly pathIndex: Int32Array;
  /** [N], the most probable class of the answer at the exit, the lowest of equals; −1 where the policy abstained */
  readonly prediction: Int32Array;
  /** [N], 1 where the prediction is the label, so 0 where there is none */
  readonly correct: Uint8Array;
}

/**
 * Simulates a policy on a table: samples that came the same way are asked about together, of a table in files those of one part;
 * after block E everything exits.
 * QuEE (arXiv 2406.14404), section 4, equations 7 and 8.
 */
export function replay(policy: Policy, table: PathTable, { space, firstAction }: ReplayOptions): Replay {
  const { classCount, count, labels } = table;
  const indexOf = new Map<PathKey, number>(table.paths.map((path, p) => [pathKey(path), p]));
  const pathIndex = new Int32Array(count);
  const prediction = new Int32Array(count);
  const correct = new Uint8Array(count);

  const stop = (path: Path, samples: Int32Array, classes: Int32Array) => {
    for (const [i, sample] of samples.entries()) {
      pathIndex[sample] = indexOf.get(pathKey(path)) as number;
      prediction[sample] = classes[i];
      correct[sample] = classes[i] === labels[sample] ? 1 : 0;
    }
  };
  const exit = (path: Path, samples: Int32Array) => {
    // Reading the rows first turns a path that the table lacks into its error.
    const rows = rowsOf(table, path, samples);
    const answers = policy.answer?.(tableView(table, path, samples)) ?? rows;
    stop(path, samples, argmaxRows(tensor([samples.length, classCount], answers)));
  };
  const decide = (prefix: Path, samples: Int32Array): Decisions => {
    if (prefix.length === 0 && firstAction !== undefined) return sendAll(samples.length, firstAction);
    return askPolicy(policy, tableView(table, prefix, samples));
  };
  const walk = (prefix: Path, samples: Int32Array): void => {
    if (samples.length === 0) return;
    if (prefix.length === space.exitCount) {
      exit(prefix, samples);
      return;
    }
    const { exits, abstentions, continuing } = decide(prefix, samples);
    if (exits.length > 0) exit(prefix, pick(samples, exits));
    stop(prefix, pick(samples, abstentions), new Int32Array(abstentions.length).fill(-1));
    for (const [level, positions] of continuing) walk([...prefix, level], pick(samples, positions));
  };
  assertExitCount(space.exitCount);
  for (const run of runsOf(table)) walk([], samplesOf(run));
  return { exit: "replayed", policy: policy.name, exitCount: space.exitCount, pathIndex, prediction, correct };
}

function pick(samples: Int32Array, positions: Int32Array): Int32Array {
  return positions.map((position) => samples[position]);
}

function assertExitCount(exitCount: number): void {
  if (Number.isInteger(exitCount) && exitCount >= 1) return;
  throw new QueeError({
    code: "E_EXIT_COUNT",
    kind: "config",
    where: "space.exitCount",
    expected: "a whole number above 0",
    got: String(exitCount),
  });
}
