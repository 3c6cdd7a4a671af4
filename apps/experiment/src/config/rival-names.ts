import { allRivals } from "@quee/baselines";

/** Every rival by the name that results use. */
export const rivalNames: readonly string[] = allRivals({ errorTargets: () => new Float32Array() }).map(
  ({ name }) => name,
);
