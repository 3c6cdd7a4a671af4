import type { CostTable, Path, PathSpace } from "@quee/core";
import { pathKey } from "@quee/core";
import type { Pays } from "../rival/rival.js";

/** Every block costs its bits, a head a hundredth of that, a gate's MACs count a millionth each. The whole network costs 1. */
export function bitCosts(space: PathSpace, paths: readonly Path[]): (pays: Pays) => CostTable {
  const unitCost = space.exitCount * Math.max(...space.levels);
  return ({ heads, gateMacs }) => ({
    name: "bits",
    unit: "BitOPs",
    unitCost,
    byPath: new Map(
      paths.map((path) => {
        const blocks = path.reduce((sum, level) => sum + level, 0);
        const passed = heads === "every-exit" ? path : path.slice(-1);
        const headBits = passed.reduce((sum, level) => sum + level / 100, 0);
        const gates = gateMacs.slice(0, path.length).reduce((sum, macs) => sum + macs / 1e6, 0);
        return [pathKey(path), (blocks + headBits + gates) / unitCost];
      }),
    ),
  });
}
