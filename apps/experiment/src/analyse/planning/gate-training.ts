import { legalPaths, type Path, type PathSpace } from "@quee/core";
import type { RouterOptions } from "../recipe-router.js";

/** The settings that every way to train gates shares. */
export function trainingOf({ recipe, seed, signal }: Pick<RouterOptions, "recipe" | "seed" | "signal">) {
  const { embedding, ...network } = recipe.network;
  return { ...network, ...(network.reading === "B" ? {} : { embedding }), seed, signal };
}

/** Of the gates before blocks 2 … E: the largest at each, as no image can pay more. 0 where a sample of paths left none. */
export function macsBehind(space: PathSpace, macs: (prefix: Path) => number): readonly number[] {
  const paths = legalPaths(space);
  return Array.from({ length: space.exitCount - 1 }, (_, j) =>
    paths.filter(({ length }) => length === j + 1).reduce((most, prefix) => Math.max(most, macs(prefix)), 0),
  );
}

/** For costs that are learnt before the networks are there. */
export function nothingPerGate({ exitCount }: PathSpace): readonly number[] {
  return Array.from({ length: exitCount - 1 }, () => 0);
}
