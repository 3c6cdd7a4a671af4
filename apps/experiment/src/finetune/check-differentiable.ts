import { differentiate } from "@quee/onnx-autodiff";
import { namingFile } from "../backbone/naming-file.js";
import { lossGraph } from "../pretrain/loss-graph.js";
import { trainableWeights } from "./trainable-weights.js";
import { type HeadlessNetwork, withHead } from "./whole-network.js";

/** @throws QueeError (input) naming the first operator, from the loss backwards, whose gradient we cannot write */
export function checkDifferentiable(network: HeadlessNetwork, file: string): void {
  // The head that is there does: its gradient is that of any other.
  const { head, classCount } = network.anatomy;
  const graph = withHead(network, head);
  namingFile(file, () =>
    differentiate(lossGraph(graph, classCount, 0), { loss: "loss", withRespectTo: trainableWeights(graph) }),
  );
}
