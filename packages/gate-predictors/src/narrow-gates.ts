import { type Bits, QueeError } from "@quee/core";
import { createGates, type Gates } from "./gates.js";

/**
 * The same gates where only some levels may be used: what they foresee of the paths that remain stays as it was.
 * @param levels some of the gates' own, the most bits among them: paths are encoded as fractions of those
 */
export function narrowGates({ architecture, space, networks, calibrations }: Gates, levels: readonly Bits[]): Gates {
  const most = Math.max(...space.levels);
  const isPossible = levels.every((level) => space.levels.includes(level)) && levels.some((level) => level === most);
  if (!isPossible) {
    throw new QueeError({
      code: "E_LEVELS",
      kind: "usage",
      where: "levels of gates",
      expected: `some of ${space.levels.join(", ")} bits, ${most} among them`,
      got: levels.join(", ") || "none",
    });
  }
  const kept = space.levels.filter((level) => levels.includes(level));
  return createGates(architecture, { ...space, levels: kept }, networks, calibrations);
}
