import type { Path } from "@quee/core";
import { exitFeatureRowsOf, type PathTable } from "@quee/path-tables";
import { randomStream, tensor, zeros } from "@quee/tensor";
import { rowsInMemory } from "@quee/training";
import { checkFeatureTable } from "./check-features.js";
import { type HeadScore, scoreOf } from "./evaluate-head.js";
import type { ExitHead } from "./exit-head.js";
import { fitHead, type HeadTrainingSettings } from "./fit-head.js";
import { mixedFeatures } from "./mixed-features.js";
import { type OpenedHead, openHead } from "./open-head.js";

export interface RetrainHeadsOptions extends HeadTrainingSettings {
  /** Carries the exit features of all its paths. */
  readonly train: PathTable<"train">;
  /** The same paths: early stopping, and the choice of where each head comes from. */
  readonly validation: PathTable<"validation">;
  /** Of the exits 1 … E as they are, the backbone's own last. */
  readonly heads: readonly ExitHead[];
}

export interface RetrainedHead extends ExitHead {
  /** What validation spoke for: the head as it was, trained on from there, or trained anew from zero. */
  readonly from: "unchanged" | "given" | "zero";
  /** Of the head as it was, means over validation samples and paths; NaN where no path ends at its exit, and it stays. */
  readonly before: HeadScore;
  readonly after: HeadScore;
}

/**
 * Heads were trained on features of the full-precision network and read those of quantized blocks. Here each exit gets ONE head for all
 * paths that end there: every sample comes along a path drawn anew each epoch, so that the loss is the expected cross-entropy over
 * evenly mixed paths. The last exit is retrained like the others, although its head is the backbone's: blocks at few bits are what it
 * knows least.
 *
 * From the head as it is and from zero; the lower mean validation loss over all paths wins, the head as it was among the three. QuEE
 * leaves heads alone; JEI-DNN (Regol et al., ICLR 2024) trains them with its gates.
 */
export async function retrainHeads(options: RetrainHeadsOptions): Promise<readonly RetrainedHead[]> {
  const { train, validation, heads } = options;
  checkFeatureTable(train, heads);
  checkFeatureTable(validation, heads);
  const retrained: RetrainedHead[] = [];
  for (const [e, head] of heads.entries()) {
    const paths = train.paths.filter(({ length }) => length === e + 1);
    const opened = await openHead(head.weight.shape[0], head.bias.shape[0]);
    try {
      retrained.push(await retrainHead(e + 1, head, paths, opened, options));
    } finally {
      await opened.release();
    }
  }
  return retrained;
}

async function retrainHead(
  exit: number,
  head: ExitHead,
  paths: readonly Path[],
  opened: OpenedHead,
  options: RetrainHeadsOptions,
): Promise<RetrainedHead> {
  const { train, validation, seed } = options;
  if (paths.length === 0) return { ...head, from: "unchanged", before: unknown, after: unknown };
  const score = (of: ExitHead) => meanScore(of, validation, paths, opened);
  const before = await score(head);
  let best: RetrainedHead = { ...head, from: "unchanged", before, after: before };
  const starts = {
    given: head,
    zero: { weight: zeros(head.weight.shape), bias: zeros(head.bias.shape) },
  } as const;
  for (const from of ["given", "zero"] as const) {
    const random = randomStream(seed, `paths to exit ${exit}`);
    const featuresOfEpoch = () => rowsInMemory([mixedFeatures(train, paths, random)]);
    const problem = { exit, start: starts[from], labels: train.labels, featuresOfEpoch, score };
    const { weight, bias, validationLoss: loss, validationAccuracy: accuracy } = await fitHead(problem, options);
    if (loss < best.after.loss) best = { weight, bias, from, before, after: { loss, accuracy } };
  }
  return best;
}

const unknown: HeadScore = { loss: Number.NaN, accuracy: Number.NaN };

/** Of one head over all samples of all paths. */
async function meanScore(
  head: ExitHead,
  table: PathTable<"validation">,
  paths: readonly Path[],
  opened: OpenedHead,
): Promise<HeadScore> {
  const samples = Int32Array.from({ length: table.count }, (_, i) => i);
  let [loss, accuracy] = [0, 0];
  for (const path of paths) {
    const features = tensor([table.count, head.weight.shape[0]], exitFeatureRowsOf(table, path, samples));
    const score = scoreOf(await opened.probabilities(head, features), table.labels);
    loss += score.loss / paths.length;
    accuracy += score.accuracy / paths.length;
  }
  return { loss, accuracy };
}
