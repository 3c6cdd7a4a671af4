import { type GateView, type Path, type Policy, pathKey, QueeError, startsWith } from "@quee/core";

export interface ExitRule {
  readonly name: string;
  /** Bits of all blocks: images follow it until they leave. */
  readonly path: Path;
  /** 1 where an image of the view leaves, [n]. Asked behind every block but the last. */
  readonly leaves: (view: GateView) => ArrayLike<number>;
  readonly answer?: (view: GateView) => Float32Array;
}

/** Early exit from a static network: one path for all images, and a rule that says who leaves before its end. */
export function exitRulePolicy({ name, path, leaves, answer }: ExitRule): Policy {
  const exit = { kind: "exit" } as const;
  return {
    name,
    decide(view) {
      const { prefix, count } = view;
      if (!startsWith(path, prefix)) throw strangePrefix(name, path, prefix);
      const next = path[prefix.length];
      if (next === undefined) return Array.from({ length: count }, () => exit);
      const goOn = { kind: "continue", bits: next } as const;
      if (prefix.length === 0) return Array.from({ length: count }, () => goOn);
      return Array.from(leaves(view), (leaving) => (leaving ? exit : goOn));
    },
    ...(answer === undefined ? {} : { answer }),
  };
}

function strangePrefix(name: string, path: Path, prefix: Path): QueeError {
  return new QueeError({
    code: "E_PREFIX",
    kind: "internal",
    where: `policy "${name}"`,
    expected: `a prefix of ${pathKey(path)}`,
    got: pathKey(prefix),
    hint: "A first action given to a replay or a run must agree with the path",
  });
}
