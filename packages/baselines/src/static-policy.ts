import { type Path, type Policy, pathKey, QueeError, startsWith } from "@quee/core";

/** Sends every image the same way: a static bit-width (a uniform path), or any other fixed path. */
export function staticPolicy(path: Path): Policy {
  const name = `static ${pathKey(path)}`;
  if (path.length === 0) {
    throw new QueeError({ code: "E_PATH", kind: "config", where: name, expected: "at least one block", got: "none" });
  }
  return {
    name,
    decide({ prefix, count }) {
      if (!startsWith(path, prefix)) {
        throw new QueeError({
          code: "E_PREFIX",
          kind: "internal",
          where: `policy "${name}"`,
          expected: "a prefix of its path",
          got: pathKey(prefix),
          hint: "A first action given to a replay or a run must agree with the path",
        });
      }
      const next = path[prefix.length];
      return Array.from({ length: count }, () =>
        next === undefined ? { kind: "exit" as const } : { kind: "continue" as const, bits: next },
      );
    },
  };
}
