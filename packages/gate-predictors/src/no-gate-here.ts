import { type Path, pathKey, QueeError } from "@quee/core";

/** The first gate has no parameters and always takes the most bits; behind the last block everything exits. */
export function noGateHere(prefix: Path): QueeError {
  return new QueeError({
    code: "E_NO_GATE",
    kind: "internal",
    where: "gate",
    expected: "a prefix that a trained gate knows: at least one block run, and at least one to come",
    got: prefix.length === 0 ? "the empty path" : pathKey(prefix),
  });
}
