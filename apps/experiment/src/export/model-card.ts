import type { PathSpace } from "@quee/core";
import type { Results } from "@quee/report";
import type { GrantedWish } from "./routing.js";

export interface CardFacts {
  readonly results: Results;
  readonly arithmetic: "integer" | "fake-quant";
  readonly floatTop1: { readonly validation: number; readonly test: number };
  readonly costs: string;
  /** What λ weighs, where that is something else. */
  readonly routesBy?: string;
  readonly space: PathSpace;
  /** Whether logits have a scale and biases for each exit and bits. */
  readonly hasCorrectedHeads: boolean;
  /** By the costs that route by default. */
  readonly wishes: readonly GrantedWish[];
}

const percent = (fraction: number) => `${(100 * fraction).toFixed(1)} %`;

/** `README.md` of a model directory. */
export function modelCard(facts: CardFacts): string {
  const { results, arithmetic, floatTop1, costs, wishes } = facts;
  const { backbone, dataset, experiment, paths, splits } = results;
  const metric = `{ type: accuracy, value: ${floatTop1.test} }`;
  return `---
library_name: quee
pipeline_tag: image-classification
datasets: [${dataset}]
metrics: [accuracy]
model-index:
  - name: ${backbone.name}
    results:
      - task: { type: image-classification }
        dataset: { name: ${dataset}, type: ${dataset}, split: test }
        metrics: [${metric}]
---

# ${backbone.name}, adaptive

${backbone.name} on ${dataset}, cut behind layers ${backbone.exits.join(", ")}; every block at ${backbone.levels.join(", ")} bits. After each block
a gate predicts the probability of error of all ${paths.length} ways to go on, and the router takes the one with the least λ·cost + predicted error
(QuEE, arXiv 2406.14404). ${unusualWords(facts)}Blocks compute in ${arithmetic === "integer" ? "integers" : "float arithmetic on rounded values (fake-quant)"}.

![accuracy against cost](figures/accuracy-cost.svg)

Full precision: ${percent(floatTop1.test)} of ${splits.test} test images right, ${percent(floatTop1.validation)} of ${splits.validation} validation images. Settings below
were chosen on validation images; cost is the mean per image by ${costs}, 100 % being everything at ${backbone.levels[0]} bits. Accuracies are
replayed from tables that the experiment collected in ${results.curves[0]?.arithmetic} arithmetic.

| wish | λ | block 1 | validation top-1 | cost | test top-1 | cost |
| --- | --- | --- | --- | --- | --- | --- |
${wishes.map(row).join("\n")}

## Use

\`\`\`js
import { AdaptiveClassifier } from "@quee/adaptive-classifier";

const classifier = await AdaptiveClassifier.load("path/to/this/folder", { workers: 2 });
const [answer] = await classifier.classify({ width, height, data }, { budget: ${wishes[0]?.value ?? 0.75} }); // data: bytes R, G, B
\`\`\`

\`onnx/model.onnx\` is the whole network in full precision (\`pixel_values\` → \`logits\`), which onnxruntime and transformers.js open as it is.
Blocks lie in \`onnx/quee\`; \`quee_config.json\` has the SHA-256 of every file.

Made by \`quee export\` from the run of config ${experiment.config} (hash ${experiment.configHash}, seed ${experiment.seed}).
`;
}

/** What is not as usual. */
function unusualWords({ space, routesBy, hasCorrectedHeads }: CardFacts): string {
  const first = "Block 1 runs at bits that validation images chose for each λ, the same for all images. ";
  const heads = "Logits of every exit at every bit-width have a scale and biases that validation images fitted. ";
  return [
    space.firstBlock === "any" ? first : "",
    routesBy === undefined ? "" : `λ weighs ${routesBy}. `,
    hasCorrectedHeads ? heads : "",
  ].join("");
}

function row({ kind, value, isReached, lambda, firstBits, validation, test }: GrantedWish): string {
  const wish =
    kind === "budget" ? `at most ${percent(value)} of the cost` : `at most ${(100 * value).toFixed(1)} points lost`;
  const cells = [validation.top1, validation.cost, test.top1, test.cost].map(percent);
  return `| ${wish}${isReached ? "" : " (not reached; the nearest)"} | ${lambda.toPrecision(4)} | ${firstBits} bits | ${cells.join(" | ")} |`;
}
