import { legalPaths, type Path, type PathKey, type PathSpace, pathKey } from "@quee/core";
import type { PathTable } from "@quee/path-tables";
import { lambdaGrid } from "@quee/router";
import { exitsOnly } from "../exits/exits-only.js";
import { clairvoyantOracle, type ErrorTargetOracleOptions, errorTargetOracle } from "../oracle.js";
import type { Rival } from "../rival/rival.js";
import { readsProbabilities, staticPaths } from "../rival/rival-paths.js";
import { oneHead } from "../statics/static-ptq-rival.js";

export interface ClairvoyantOptions {
  /** What it may choose from. Default: every path of a static network, so all that routers and exit rules may take. */
  readonly paths?: (space: PathSpace) => readonly Path[];
}

/**
 * The right answer at the least cost, and no gates to pay: a ceiling of every method on the same heads and paths. DQNet's
 * non-monotone paths are others: give it `dqnetPaths` too to bound that.
 */
export function clairvoyantRival({ paths = staticPaths }: ClairvoyantOptions = {}): Rival {
  return {
    name: "oracle-clairvoyant",
    role: "ceiling",
    parameter: "lambda",
    needs: (space) => readsProbabilities(paths(space)),
    async fit({ space, costs }) {
      const pays = oneHead(space);
      const options = { paths: paths(space), costs: costs(pays) };
      const settings = lambdaGrid().map((lambda) => ({
        setting: lambda,
        policy: null,
        replay: (table: PathTable) => clairvoyantOracle(table, { ...options, lambda }),
      }));
      return { pays, trainings: 0, settings };
    },
  };
}

/** QuEE with gates that foresee their targets without error, on its own paths and costs but for the gates. */
export function errorTargetRival({ errorTargets }: Pick<ErrorTargetOracleOptions, "errorTargets">): Rival {
  return {
    name: "oracle-error-targets",
    role: "ceiling",
    parameter: "lambda",
    needs: (space) => readsProbabilities(legalPaths(space)),
    async fit({ space, costs }) {
      const pays = exitsOnly(space);
      const options = { paths: legalPaths(space), costs: costs(pays), errorTargets: remembered(errorTargets) };
      const settings = lambdaGrid().map((lambda) => ({
        setting: lambda,
        policy: null,
        replay: (table: PathTable) => errorTargetOracle(table, { ...options, lambda }),
      }));
      return { pays, trainings: 0, settings };
    },
  };
}

/** Asks once per table and path: every λ wants the same. */
function remembered(errorTargets: ErrorTargetOracleOptions["errorTargets"]): ErrorTargetOracleOptions["errorTargets"] {
  const known = new WeakMap<PathTable, Map<PathKey, Float32Array>>();
  return (path, table) => {
    const ofTable = known.get(table) ?? new Map<PathKey, Float32Array>();
    known.set(table, ofTable);
    const found = ofTable.get(pathKey(path)) ?? errorTargets(path, table);
    ofTable.set(pathKey(path), found);
    return found;
  };
}
