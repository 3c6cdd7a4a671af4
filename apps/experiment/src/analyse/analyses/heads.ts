import type { Path } from "@quee/core";
import { mean } from "@quee/metrics";
import type { PathTable } from "@quee/path-tables";
import { type Analysis, tableOf } from "../analysis.js";
import { accuracyAlong } from "../outcome.js";
import { pointsText, spreadOf } from "../over-seeds.js";
import { changed, type RecipeChange } from "../recipe.js";
import type { Workbench } from "../workbench.js";

const kinds = [
  { name: "as trained", change: {} },
  { name: "unquantized", change: { heads: "unquantized" } },
  { name: "trained on", change: { heads: "trained-on" } },
  { name: "path-mixed", change: { heads: "path-mixed" } },
  { name: "as trained, logit affines", change: { logits: "affine" } },
] as const satisfies readonly { readonly name: string; readonly change: RecipeChange }[];

/** What exits answer on test images, whoever routes: by heads, exit and bits of the block that answers. */
export const heads: Analysis = {
  name: "heads",
  title: "Heads on quantized features",
  source:
    "QuEE (arXiv 2406.14404), section 7.1.4 (heads are trained at full precision) and what JEI-DNN does otherwise",
  version: 1,
  async run(bench, onProgress) {
    const groups = groupsOf(bench);
    const scores = await scoresOf(bench, groups, onProgress);
    const [, , trainedOn, mixed] = scores;
    const top1At = (exit: number, of: Scores | undefined, seed: number) =>
      mean(groups.flatMap((group, g) => (group.exit === exit ? (of?.[g]?.[seed]?.top1 ?? []) : []))) ?? Number.NaN;
    const exits = [...new Set(groups.map(({ exit }) => exit))];
    return {
      text: exits.map((exit) => {
        const gains = bench.seeds.map((_, s) => top1At(exit, mixed, s) - top1At(exit, trainedOn, s));
        return `Exit ${exit}: retraining its head on quantized features of mixed paths changes top-1 by ${pointsText(spreadOf(gains))} points against the same head trained on at full precision, mean over bits.`;
      }),
      figures: [],
      tables: [
        tableOf(
          "heads",
          `Test images, means over the paths that end at an exit with a block of so many bits, and over ${bench.seeds.length} seeds. Losses are −ln p(label), in nats.`,
          [
            ...["exit", "bits"],
            ...kinds.map(({ name }) => `%top-1 ${name}`),
            ...kinds.map(({ name }) => `#loss ${name}`),
          ],
          groups.map(({ exit, bits }, g) => [
            ...[String(exit), String(bits)],
            ...kinds.map((_, k) => mean(scores[k]?.[g]?.map(({ top1 }) => top1) ?? [])),
            ...kinds.map((_, k) => mean(scores[k]?.[g]?.map(({ loss }) => loss) ?? [])),
          ]),
        ),
      ],
      data: groups.map(({ exit, bits }, g) => ({
        ...{ exit, bits },
        kinds: kinds.map(({ name }, k) => ({ name, seeds: scores[k]?.[g]?.map((score) => ({ ...score })) ?? [] })),
      })),
    };
  },
};

interface Score {
  readonly top1: number;
  readonly loss: number;
}

/** By group and seed. */
type Scores = readonly (readonly Score[])[];

interface Group {
  readonly exit: number;
  /** Of the block that answers. */
  readonly bits: number;
  readonly paths: readonly Path[];
}

/** Paths by exit and bits of their last block, most bits first. */
function groupsOf({ seeds, parts, space }: Workbench): readonly Group[] {
  const { paths } = parts(seeds[0] ?? 0).test;
  return Array.from({ length: space.exitCount }, (_, e) => e + 1).flatMap((exit) =>
    [...space.levels]
      .map((bits) => ({
        ...{ exit, bits },
        paths: paths.filter((path) => path.length === exit && path.at(-1) === bits),
      }))
      .filter((group) => group.paths.length > 0),
  );
}

/** One for each kind. */
async function scoresOf(
  { letter, seeds, partsFor }: Workbench,
  groups: readonly Group[],
  onProgress: (done: number, total: number, unit: string) => void,
): Promise<readonly Scores[]> {
  const all: Score[][][] = kinds.map(() => groups.map(() => []));
  for (const [k, { change }] of kinds.entries()) {
    for (const [s, seed] of seeds.entries()) {
      const { test } = await partsFor(changed(letter, change), seed);
      for (const [g, { paths }] of groups.entries()) {
        const scores = paths.map((path) => ({ top1: accuracyAlong(test, path), loss: lossAlong(test, path) }));
        const of = (key: keyof Score) => mean(scores.map((score) => score[key])) ?? Number.NaN;
        all[k]?.[g]?.push({ top1: of("top1"), loss: of("loss") });
      }
      onProgress(k * seeds.length + s + 1, kinds.length * seeds.length, "tables");
    }
  }
  return all;
}

/** Mean −ln p(label); probabilities that round to zero count as the least float. */
function lossAlong({ labels, classCount, ...table }: PathTable, path: Path): number {
  const rows = table.probabilities(path);
  const sum = labels.reduce((total, label, i) => {
    const probability = rows[i * classCount + label] ?? 0;
    return total - Math.log(Math.max(probability, 1e-38));
  }, 0);
  return sum / labels.length;
}
