import { type Bits, type Path, pathKey, QueeError } from "@quee/core";

/**
 * Where the models of a network lie in a pool. Block 1 takes `pixel_values` [B, 3, H, W], the others `hidden_states_in`
 * [B, T, D]; every model gives `logits` [B, K] and, but for the last block, `hidden_states` [B, T, D].
 */
export interface BlockSet {
  /** E: blocks, each with an exit behind it. */
  readonly exitCount: number;
  /** K */
  readonly classCount: number;
  /** The key under which block `block` (1 … E) at `bits` is registered. */
  model(block: number, bits: Bits): string;
}

/** The name of the one input of a block. */
export function inputName(block: number): string {
  return block === 1 ? "pixel_values" : "hidden_states_in";
}

/** Paths that the blocks can take: at least one, none empty, none longer than there are blocks. */
export function assertPaths({ exitCount }: BlockSet, paths: readonly Path[]): void {
  const wrong = paths.find((path) => path.length < 1 || path.length > exitCount);
  if (paths.length > 0 && wrong === undefined) return;
  throw new QueeError({
    code: "E_PATHS",
    kind: "config",
    where: "paths",
    expected: `paths of 1 … ${exitCount} blocks`,
    got: wrong === undefined ? "none" : `"${pathKey(wrong)}"`,
  });
}
