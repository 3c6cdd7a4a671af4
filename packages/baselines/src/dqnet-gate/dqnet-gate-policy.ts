import { type Action, type Bits, type Path, type Policy, pathKey, QueeError, startsWith } from "@quee/core";
import { featuresOfView } from "../networks/exit-features.js";
import type { TwoLayers } from "../networks/two-layers.js";
import { pathScores, selectionOf } from "./controller.js";

export interface DqnetGatePolicyOptions {
  readonly name: string;
  readonly controller: TwoLayers;
  /** Full-depth paths, see `controllerPaths`. */
  readonly paths: readonly Path[];
  /** In the order of the controller's scores. */
  readonly levels: readonly Bits[];
}

/**
 * Behind the first block the controller looks at its exit features and names the path with the highest score; images follow it
 * to the end. Without noise: the public code draws Gumbel noise at test time too. Every later gate asks the controller again
 * about the same features, so the policy keeps no state.
 */
export function dqnetGatePolicy({ name, controller, paths, levels }: DqnetGatePolicyOptions): Policy {
  const selection = selectionOf(paths, levels);
  const first: Action = { kind: "continue", bits: paths[0][0] };
  const width = controller.hiddenWeight.shape[0];
  return {
    name,
    decide(view) {
      const { prefix, count } = view;
      if (prefix.length === 0) return Array.from({ length: count }, () => first);
      const open = paths.flatMap((path, p) => (startsWith(path, prefix) ? [p] : []));
      if (open.length === 0) throw strangePrefix(name, prefix);
      if (prefix.length === paths[0].length) return Array.from({ length: count }, (): Action => ({ kind: "exit" }));
      const { data } = pathScores(controller, featuresOfView(view, 1, width, name), selection);
      return Array.from({ length: count }, (_, i): Action => {
        const scoreOf = (p: number) => data[i * paths.length + p];
        const best = open.reduce((a, b) => (scoreOf(b) > scoreOf(a) ? b : a));
        return { kind: "continue", bits: paths[best][prefix.length] };
      });
    },
  };
}

function strangePrefix(name: string, prefix: Path): QueeError {
  return new QueeError({
    code: "E_PREFIX",
    kind: "internal",
    where: `policy "${name}"`,
    expected: "a prefix of one of its paths",
    got: pathKey(prefix),
    hint: "A first action given to a replay or a run must be the most bits",
  });
}
