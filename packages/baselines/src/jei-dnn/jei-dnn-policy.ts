import type { Action, Bits, GateView, Policy } from "@quee/core";
import { softmaxRows, type Tensor } from "@quee/tensor";
import { gateStatistics, statisticCount } from "../gate-statistics.js";
import { denseRows } from "../networks/dense-rows.js";
import { featuresOfView } from "../networks/exit-features.js";
import { exitOf } from "./exit-probabilities.js";
import { gateValue, type JeiDnnNetwork } from "./network.js";

export interface JeiDnnPolicyOptions {
  readonly name: string;
  readonly network: JeiDnnNetwork;
  /** Bits of every block. */
  readonly level: Bits;
}

/**
 * JEI-DNN as a policy with heads of its own: it reads exit features, puts its heads on them, lets its gates look at what these
 * say, and answers with them too; at the last exit with the backbone's head.
 */
export function jeiDnnPolicy({ name, network, level }: JeiDnnPolicyOptions): Policy {
  const { heads, gates } = network;
  const goOn: Action = { kind: "continue", bits: level };
  const leave: Action = { kind: "exit" };
  const ownProbabilities = (view: GateView, exit: number): Tensor => {
    const { weight, bias } = heads[exit];
    return softmaxRows(denseRows(featuresOfView(view, exit + 1, weight.shape[0], name), weight, bias));
  };
  return {
    name,
    decide(view) {
      const { prefix, count } = view;
      if (prefix.length === 0) return Array.from({ length: count }, () => goOn);
      if (prefix.length > heads.length) return Array.from({ length: count }, () => leave);
      const passed = prefix.map((_, exit) => {
        const { data } = gateStatistics(ownProbabilities(view, exit));
        return Float64Array.from({ length: count }, (_, i) => gateValue(gates, exit, data, i * statisticCount));
      });
      return Array.from({ length: count }, (_, i) =>
        exitOf(passed.map((values) => values[i])) < passed.length ? leave : goOn,
      );
    },
    answer(view) {
      const exit = view.prefix.length - 1;
      if (exit >= heads.length) return view.history[exit];
      return ownProbabilities(view, exit).data;
    },
  };
}
