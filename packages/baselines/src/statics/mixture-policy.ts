import { type Action, type GateView, type Path, type Policy, pathKey, QueeError, startsWith } from "@quee/core";
import { lotsOf } from "../lots.js";

export interface MixtureOptions {
  readonly first: Path;
  readonly second: Path;
  /** Share of the images that the lot sends along `second`, 0 … 1. */
  readonly share: number;
  readonly seed: number;
}

/**
 * Sends a share of the images along one static path and the rest along another, by lot: any point on the line between the two
 * in the plane of cost and accuracy. The lot falls where the paths part: every image is asked once, and the way that it came
 * remembers the answer.
 */
export function mixturePolicy({ first, second, share, seed }: MixtureOptions): Policy {
  const name = `${1 - share} of ${pathKey(first)}, ${share} of ${pathKey(second)}`;
  if (!(share >= 0 && share <= 1) || first.length === 0 || second.length === 0) {
    throw new QueeError({
      code: "E_MIXTURE",
      kind: "config",
      where: "mixture of paths",
      expected: "two paths and a share from 0 to 1",
      got: name,
    });
  }
  return {
    name,
    decide(view) {
      const [onFirst, onSecond] = [startsWith(first, view.prefix), startsWith(second, view.prefix)];
      if (!onFirst && !onSecond) throw strangePrefix(name, view.prefix);
      const [next, other] = [actionOn(first, view), actionOn(second, view)];
      if (!onSecond || (onFirst && same(next, other))) return Array.from({ length: view.count }, () => next);
      if (!onFirst) return Array.from({ length: view.count }, () => other);
      return Array.from(lotsOf(view, seed, "mixture"), (random) => (random.uniform() < share ? other : next));
    },
  };
}

function actionOn(path: Path, { prefix }: GateView): Action {
  const bits = path[prefix.length];
  return bits === undefined ? { kind: "exit" } : { kind: "continue", bits };
}

function same(a: Action, b: Action): boolean {
  if (a.kind === "continue" && b.kind === "continue") return a.bits === b.bits;
  return a.kind === b.kind;
}

function strangePrefix(name: string, prefix: Path): QueeError {
  return new QueeError({
    code: "E_PREFIX",
    kind: "internal",
    where: `policy "${name}"`,
    expected: "a prefix of one of its paths",
    got: pathKey(prefix),
    hint: "A first action given to a replay or a run must agree with the paths",
  });
}
