import { QueeError } from "@quee/core";
import type { Graph } from "./graph.js";
import { type GraphPass, runPasses } from "./graph-pass.js";
import { batchFirstAttention } from "./passes/batch-first-attention.js";
import { classTokenToConstant } from "./passes/class-token-to-constant.js";
import { constantNodes } from "./passes/constant-nodes.js";
import { fixImageSize } from "./passes/fix-image-size.js";
import { foldBatchNorm } from "./passes/fold-batch-norm.js";
import { foldConstants } from "./passes/fold-constants.js";
import { foldShapes } from "./passes/fold-shapes.js";
import { freeBatch } from "./passes/free-batch.js";
import { fuseLayerNorm } from "./passes/fuse-layer-norm.js";
import { gemmToMatMul } from "./passes/gemm-to-mat-mul.js";
import { keepReducedAxes } from "./passes/keep-reduced-axes.js";
import { lowerAttention } from "./passes/lower-attention.js";
import { lowerEinsums } from "./passes/lower-einsums.js";
import { lowerFused } from "./passes/lower-fused.js";
import { mergeDuplicates } from "./passes/merge-duplicates.js";
import { mergeTransposes } from "./passes/merge-transposes.js";
import { toOpset17 } from "./passes/opset-17.js";
import { pickBeforeNorm } from "./passes/pick-before-norm.js";
import { removeBroadcasts } from "./passes/remove-broadcasts.js";
import { removeDeadCode } from "./passes/remove-dead-code.js";
import { removeIdentities } from "./passes/remove-identities.js";
import { sinkTransposes } from "./passes/sink-transposes.js";
import { unfoldByRows } from "./passes/unfold-by-rows.js";
import { unfoldToConvolution } from "./passes/unfold-to-convolution.js";

/** The passes of `cleanGraph`, in order. */
export const cleaningPasses: readonly GraphPass[] = [
  constantNodes,
  foldConstants,
  foldShapes,
  removeIdentities,
  removeDeadCode,
  fixImageSize,
  lowerAttention,
  toOpset17,
  lowerFused,
  foldBatchNorm,
  fuseLayerNorm,
  lowerEinsums,
  unfoldToConvolution,
  removeBroadcasts,
  classTokenToConstant,
  batchFirstAttention,
  gemmToMatMul,
  sinkTransposes,
  mergeTransposes,
  keepReducedAxes,
  mergeDuplicates,
  pickBeforeNorm,
  unfoldByRows,
  removeDeadCode,
  freeBatch,
];

/** Every round makes the graph simpler, so few are needed; more means that two passes undo each other. */
const mostRounds = 100;

/**
 * The same computation without an exporter's detours: constants folded, shape arithmetic replaced by constant targets (a dynamic
 * batch stays dynamic), einsums as MatMul, im2col gathers as a Gather of rows or a depthwise Conv, attention in plain operators, layer norms as one,
 * opset 17, no identities, duplicates or dead code. Runs `cleaningPasses` until nothing changes, so cleaning twice is cleaning
 * once. The operators of a GELU stay as they are.
 */
export function cleanGraph(graph: Graph): Graph {
  let current = graph;
  for (let round = 0; round < mostRounds; round++) {
    const next = runPasses(current, cleaningPasses);
    if (next === current) return current;
    current = next;
  }
  throw new QueeError({
    code: "E_GRAPH_PASS",
    kind: "internal",
    where: `cleaning graph ${JSON.stringify(graph.name)}`,
    expected: `a fixed point after ${mostRounds} rounds`,
    got: "passes that go on changing the graph",
  });
}
