import { type GateView, type Path, pathKey, QueeError, startsWith } from "@quee/core";

/** What a predictor says about every way to go on from a view. */
export interface Predictions {
  /** P_π: the paths that begin with the prefix of the view, the prefix itself (exit) among them. */
  readonly candidates: readonly Path[];
  /** Predicted probability of error of each candidate, [n, A] row-major. */
  readonly predictedError: Float32Array;
}

/** Predicts the error of every candidate from what a gate sees. QuEE (arXiv 2406.14404), equation 15. */
export type Predict = (view: GateView) => Predictions;

/** Asks once per view, and checks shape and prefixes at the door. */
export function predictChecked(predict: Predict, view: GateView): Predictions {
  const predictions = predict(view);
  const { candidates, predictedError } = predictions;
  const stranger = candidates.find((candidate) => !startsWith(candidate, view.prefix));
  if (stranger !== undefined) {
    throw badPredictions(view, `candidates that begin with ${pathKey(view.prefix)}`, pathKey(stranger));
  }
  if (candidates.length === 0) throw badPredictions(view, "candidates", "none");
  const expected = view.count * candidates.length;
  if (predictedError.length !== expected) {
    throw badPredictions(view, `${expected} predicted errors [n, A]`, String(predictedError.length));
  }
  return predictions;
}

function badPredictions(view: GateView, expected: string, got: string): QueeError {
  const where = `predictions at the gate behind ${pathKey(view.prefix)}`;
  return new QueeError({ code: "E_PREDICTIONS", kind: "internal", where, expected, got });
}
