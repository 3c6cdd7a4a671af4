import { type GateView, QueeError } from "@quee/core";
import { argmaxRows, type Tensor, tensor, zeros } from "@quee/tensor";
import { projectRows, type TokenProjection } from "./token-projection.js";

/**
 * What a gate may look at beyond equation 13:
 * - `top-probabilities`: the `count` largest of p̂_now, then of p̂_before, each falling. The same numbers whichever class leads.
 * - `agreement`: 1 where the last two exits answer the same class.
 * - `class-token`: what the head of the exit has read, `width` numbers. The first layer of the network is their projection: to
 *   `embedding` numbers in readings A and C, to `hidden` in B.
 * - `projected-token`: a few numbers of it, by the projection of its exit (`fitTokenProjections`); all exits give as many.
 */
export type ExtraFeature =
  | { readonly kind: "top-probabilities"; readonly count: number }
  | { readonly kind: "agreement" }
  | { readonly kind: "class-token"; readonly width: number }
  | { readonly kind: "projected-token"; readonly byExit: readonly TokenProjection[] };

type Kind = ExtraFeature["kind"];

interface Rule<Feature> {
  width(feature: Feature): number;
  /** @returns [n, width]; zeros for what has not happened yet */
  columns(view: GateView, feature: Feature): Tensor;
  /** Multiply-accumulates of the columns for one image; 0 where there is nothing but looking. */
  macs?(feature: Feature): number;
}

const rules: { readonly [K in Kind]: Rule<Extract<ExtraFeature, { kind: K }>> } = {
  "top-probabilities": {
    width: ({ count }) => 2 * count,
    columns: ({ history, count: n, classCount }, { count }) => {
      const columns = zeros([n, 2 * count]);
      [history.at(-1), history.at(-2)].forEach((rows, exit) => {
        if (rows !== undefined) writeLargest(rows, classCount, count, columns, exit * count);
      });
      return columns;
    },
  },
  agreement: {
    width: () => 1,
    columns: ({ history, count, classCount }) => {
      const [now, before] = [history.at(-1), history.at(-2)];
      if (now === undefined || before === undefined) return zeros([count, 1]);
      const earlier = argmaxRows(tensor([count, classCount], before));
      const answers = argmaxRows(tensor([count, classCount], now));
      return { shape: [count, 1], data: Float32Array.from(answers, (k, i) => (k === earlier[i] ? 1 : 0)) };
    },
  },
  "class-token": {
    width: ({ width }) => width,
    columns: (view, { width }) => ({ shape: [view.count, width], data: tokensOf(view, width) }),
  },
  "projected-token": {
    width: ({ byExit }) => byExit[0]?.outputs ?? 0,
    columns: (view, { byExit }) => {
      const projection = byExit[view.prefix.length - 1];
      if (projection === undefined) throw noToken(`a projection for exit ${view.prefix.length}`, `${byExit.length}`);
      const { inputs, outputs } = projection;
      return { shape: [view.count, outputs], data: projectRows(projection, tokensOf(view, inputs)) };
    },
    macs: ({ byExit }) => Math.max(0, ...byExit.map(({ inputs, outputs }) => inputs * outputs)),
  },
};

/** @returns [n, width] */
function tokensOf({ exitFeatures, count }: GateView, width: number): Float32Array {
  const now = exitFeatures?.at(-1);
  if (now?.length === count * width) return now;
  throw noToken(`${count} × ${width} numbers`, now === undefined ? "none" : `${now.length} numbers`);
}

/** The rule of a feature, without its kind: the table above is what keeps them together. */
function ruleOf(feature: ExtraFeature): Rule<ExtraFeature> {
  return rules[feature.kind] as Rule<ExtraFeature>;
}

export function extraFeatureCount(features: readonly ExtraFeature[]): number {
  return features.reduce((sum, feature) => sum + ruleOf(feature).width(feature), 0);
}

/** Multiply-accumulates of all columns for one image, at the exit where they are most. */
export function extraFeatureMacs(features: readonly ExtraFeature[]): number {
  return features.reduce((sum, feature) => sum + (ruleOf(feature).macs?.(feature) ?? 0), 0);
}

/** The columns of each feature, in their order. */
export function extraColumns(view: GateView, features: readonly ExtraFeature[]): readonly Tensor[] {
  return features.map((feature) => ruleOf(feature).columns(view, feature));
}

/** Places beyond the number of classes stay 0. */
function writeLargest(rows: Float32Array, classCount: number, count: number, to: Tensor, column: number): void {
  const width = to.shape[1];
  for (let i = 0; i * width < to.data.length; i++) {
    const falling = rows
      .slice(i * classCount, (i + 1) * classCount)
      .sort()
      .reverse();
    to.data.set(falling.subarray(0, count), i * width + column);
  }
}

function noToken(expected: string, got: string): QueeError {
  return new QueeError({
    code: "E_GATE_FEATURES",
    kind: "internal",
    where: "exit features of a gate's view",
    expected,
    got,
    hint: "Gates that read the class token need tables and runs that carry it",
  });
}
