import { type Path, pathKey } from "@quee/core";
import type { Program, ProgramStep, ValueSource } from "@quee/onnx-session";
import { type BlockSet, inputName } from "./block-set.js";
import { type PrefixNode, prefixForest } from "./prefix-tree.js";

/** A walk over every asked path, as one program of a pool: hidden states stay in the worker, logits and features come back. */
export interface Walk {
  readonly program: Program;
  /** What the program answers for each asked path: the name of the output and the model that gives it. */
  readonly answers: readonly WalkOutput[];
  /** Where it answers with what the head at the end of a path has read. */
  readonly features: readonly WalkOutput[];
}

export interface WalkOutput {
  readonly path: Path;
  readonly output: string;
  readonly model: string;
}

/**
 * Each block × bits × prefix is one step. Depth first: a worker lets values go after their last use, so that one chain of
 * hidden states lives at a time and not the whole breadth of the tree.
 */
export function walkProgram(blocks: BlockSet, paths: readonly Path[], featurePaths: readonly Path[] = []): Walk {
  const steps: ProgramStep[] = [];
  const outputs: Record<string, { readonly step: number; readonly output: string }> = {};
  const answers: WalkOutput[] = [];
  const features: WalkOutput[] = [];
  const withFeatures = new Set(featurePaths.map(pathKey));
  const visit = ({ path, wanted, children }: PrefixNode, source: ValueSource) => {
    const block = path.length;
    const model = blocks.model(block, path[block - 1]);
    const step = steps.push({ model, feeds: { [inputName(block)]: source } }) - 1;
    if (wanted) {
      const output = pathKey(path);
      outputs[output] = { step, output: "logits" };
      answers.push({ path, output, model });
    }
    if (withFeatures.has(pathKey(path))) {
      const output = `features ${pathKey(path)}`;
      outputs[output] = { step, output: "exit_features" };
      features.push({ path, output, model });
    }
    for (const child of children) visit(child, { from: "step", step, output: "hidden_states" });
  };
  for (const root of prefixForest(paths)) visit(root, { from: "input", name: inputName(1) });
  return { program: { steps, outputs }, answers, features };
}
