import { QueeError } from "@quee/core";
import type { Tensor, TensorData } from "@quee/tensor";
import type * as ort from "onnxruntime-node";
import type { NativeSession } from "./native-session.js";
import { fromNative, toNative } from "./native-tensors.js";

/** Where a step takes a value from: what was given to the program, or an output of an earlier step. */
export type ValueSource =
  | { readonly from: "input"; readonly name: string }
  | { readonly from: "step"; readonly step: number; readonly output: string };

/** One run of one model. */
export interface ProgramStep {
  /** Key of the model in the pool. */
  readonly model: string;
  readonly feeds: Readonly<Record<string, ValueSource>>;
}

/**
 * Runs that belong together: they happen one after the other in one worker, values between them never leave it, and only
 * `outputs` come back. A tree of runs over one batch is written parents first.
 */
export interface Program {
  readonly steps: readonly ProgramStep[];
  /** What comes back, under names of the caller's choice. */
  readonly outputs: Readonly<Record<string, { readonly step: number; readonly output: string }>>;
}

/** Checks that every value comes from before, once, where the program enters the pool. */
export function checkProgram({ steps, outputs }: Program, inputs: ReadonlySet<string>): void {
  steps.forEach(({ model, feeds }, at) => {
    for (const [name, source] of Object.entries(feeds)) {
      const known = source.from === "input" ? inputs.has(source.name) : isIndex(source.step, at);
      if (!known) throw wrongProgram(`step ${at} (model "${model}"), input "${name}"`, source);
    }
  });
  for (const [name, source] of Object.entries(outputs)) {
    if (!isIndex(source.step, steps.length)) throw wrongProgram(`output "${name}"`, { from: "step", ...source });
  }
}

function isIndex(step: number, below: number): boolean {
  return Number.isInteger(step) && step >= 0 && step < below;
}

function wrongProgram(where: string, source: ValueSource): QueeError {
  return new QueeError({
    code: "E_PROGRAM",
    kind: "internal",
    where,
    expected: "a value that was given or an earlier step",
    got: source.from === "input" ? `input "${source.name}"` : `step ${source.step}`,
  });
}

/** Runs a checked program. Values are let go after their last use, so that a tree needs the memory of a path. */
export async function runProgram(
  { steps, outputs }: Program,
  inputs: ReadonlyMap<string, Tensor<TensorData>>,
  open: (model: string) => Promise<NativeSession>,
): Promise<Map<string, Tensor<TensorData>>> {
  const wanted = wantedOf(steps, outputs);
  const lastUse = lastUseOf(steps);
  const values = new Map<number, ReadonlyMap<string, ort.Tensor>>();
  const results = new Map<string, Tensor<TensorData>>();
  for (const [at, { model, feeds }] of steps.entries()) {
    const session = await open(model);
    const given = new Map<string, ort.Tensor>();
    for (const [name, source] of Object.entries(feeds))
      given.set(name, valueFrom(source, name, session, inputs, values));
    const asked = [...(wanted[at] as ReadonlySet<string>)];
    // onnxruntime wants at least one output to be asked for.
    const answers = await session.run(given, asked.length === 0 ? undefined : asked);
    values.set(at, answers);
    for (const [name, { step, output }] of Object.entries(outputs)) {
      if (step === at) results.set(name, fromNative(answers.get(output) as ort.Tensor, output));
    }
    for (const [step, last] of lastUse) if (last <= at) values.delete(step);
    if (!lastUse.has(at)) values.delete(at);
  }
  return results;
}

function valueFrom(
  source: ValueSource,
  name: string,
  session: NativeSession,
  inputs: ReadonlyMap<string, Tensor<TensorData>>,
  values: ReadonlyMap<number, ReadonlyMap<string, ort.Tensor>>,
): ort.Tensor {
  if (source.from === "input") {
    return toNative(inputs.get(source.name) as Tensor<TensorData>, session.typeOf(name), name);
  }
  return values.get(source.step)?.get(source.output) as ort.Tensor;
}

/** Outputs of each step that somebody asks for. */
function wantedOf(steps: readonly ProgramStep[], outputs: Program["outputs"]): readonly ReadonlySet<string>[] {
  const wanted = steps.map(() => new Set<string>());
  for (const { step, output } of Object.values(outputs)) wanted[step]?.add(output);
  for (const { feeds } of steps) {
    for (const source of Object.values(feeds)) if (source.from === "step") wanted[source.step]?.add(source.output);
  }
  return wanted;
}

function lastUseOf(steps: readonly ProgramStep[]): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  steps.forEach(({ feeds }, at) => {
    for (const source of Object.values(feeds)) if (source.from === "step") last.set(source.step, at);
  });
  return last;
}
