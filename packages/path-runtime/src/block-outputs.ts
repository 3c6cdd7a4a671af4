import { QueeError } from "@quee/core";
import { softmaxRows, type Tensor, type TensorData } from "@quee/tensor";

/** What a model answered, by output name. */
export type Outputs = Readonly<Record<string, Tensor<TensorData> | undefined>>;

/** Probabilities of `count` images, [n, K]; the softmax is ours, so that live and collected numbers are made alike. */
export function probabilitiesOf(outputs: Outputs, model: string, count: number, classCount: number): Float32Array {
  const logits = floatOutput(outputs, "logits", model);
  if (logits.shape.length !== 2 || logits.shape[0] !== count || logits.shape[1] !== classCount) {
    throw badOutput(model, "logits", `[${count}, ${classCount}]`, shown(logits.shape));
  }
  const at = logits.data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    const where = `model "${model}", image ${Math.floor(at / classCount)} of a batch, logit ${at % classCount}`;
    throw new QueeError({
      code: "E_LOGITS",
      kind: "numeric",
      where,
      expected: "a finite number",
      got: String(logits.data[at]),
    });
  }
  return softmaxRows(logits).data;
}

/** What the next block takes in, [B, T, D]. */
export function hiddenStatesOf(outputs: Outputs, model: string, count: number): Tensor {
  const hidden = floatOutput(outputs, "hidden_states", model);
  if (hidden.shape[0] !== count) throw badOutput(model, "hidden_states", `[${count}, …]`, shown(hidden.shape));
  return hidden;
}

/** What the exit's head reads, [B, D]. */
export function exitFeaturesOf(outputs: Outputs, model: string, count: number): Tensor {
  const features = floatOutput(outputs, "exit_features", model);
  if (features.shape.length === 2 && features.shape[0] === count) return features;
  throw badOutput(model, "exit_features", `[${count}, D]`, shown(features.shape));
}

function floatOutput(outputs: Outputs, name: string, model: string): Tensor {
  const found = outputs[name];
  if (found !== undefined && isFloat(found)) return found;
  throw badOutput(model, name, "float32 values", found === undefined ? "no such output" : "another type");
}

function isFloat(values: Tensor<TensorData>): values is Tensor {
  return values.data instanceof Float32Array;
}

function shown(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

function badOutput(model: string, name: string, expected: string, got: string): QueeError {
  return new QueeError({
    code: "E_BLOCK_OUTPUT",
    kind: "input",
    where: `model "${model}", output "${name}"`,
    expected,
    got,
  });
}
