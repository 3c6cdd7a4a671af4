import { QueeError } from "@quee/core";

/** Exits ascend, lie behind layers that exist, and end with the last layer. */
export function checkExits(exits: readonly number[], depth: number): void {
  const ascending = exits.every((layer, j) => Number.isInteger(layer) && layer > (exits[j - 1] ?? 0));
  if (ascending && exits.at(-1) === depth) return;
  throw new QueeError({
    code: "E_EXITS",
    kind: "config",
    where: "exits",
    expected: `ascending layers from 1 that end with ${depth} (the last layer)`,
    got: `[${exits.join(", ")}]`,
  });
}
