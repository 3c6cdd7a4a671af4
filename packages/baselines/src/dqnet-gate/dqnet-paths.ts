import { legalPaths, type Path, type PathSpace } from "@quee/core";

export interface DqnetPathOptions {
  /**
   * `any` (default): every sequence of bits behind the first block, as DQNet has it. `monotone`: only those that never go up,
   * which QuEE's own tables hold.
   */
  readonly order?: "any" | "monotone";
}

/** The paths that the controller chooses from: through all blocks, the first at the most bits since it feeds the controller. */
export function controllerPaths(space: PathSpace, { order = "any" }: DqnetPathOptions = {}): readonly Path[] {
  return dqnetPaths(space, { order }).filter((path) => path.length === space.exitCount);
}

/** What has to be collected for DQNet-gate: its paths and the ways to them, since a replay shows every gate what was passed. */
export function dqnetPaths(space: PathSpace, { order = "any" }: DqnetPathOptions = {}): readonly Path[] {
  const { levels, exitCount } = space;
  return legalPaths({ levels, exitCount, order, firstBlock: "highest" });
}
