import type { ShapeRule } from "./call.js";

const alike: ShapeRule = (call) => [{ dtype: call.dtype(0), shape: call.shape(0) }];

/** Y like X; Mean and InvStdDev with 1 on the normalised axes. */
const layerNormalization: ShapeRule = (call) => {
  const shape = call.shape(0);
  const axis = shape === null ? 0 : call.axis(call.int("axis", -1), shape.length);
  const statistics = { dtype: "float32", shape: shape?.map((dim, i) => (i < axis ? dim : 1)) ?? null } as const;
  return [{ dtype: call.dtype(0), shape }, statistics, statistics];
};

const batchNormalization: ShapeRule = (call) => {
  const shape = call.shape(0);
  const perChannel = { dtype: call.dtype(3), shape: call.shape(3) ?? (shape === null ? null : [shape[1] ?? null]) };
  return [{ dtype: call.dtype(0), shape }, perChannel, perChannel];
};

export const normalizationRules = {
  Softmax: alike,
  LogSoftmax: alike,
  Hardmax: alike,
  InstanceNormalization: alike,
  GroupNormalization: alike,
  LpNormalization: alike,
  CumSum: alike,
  Trilu: alike,
  LayerNormalization: layerNormalization,
  BatchNormalization: batchNormalization,
} as const satisfies Readonly<Record<string, ShapeRule>>;
